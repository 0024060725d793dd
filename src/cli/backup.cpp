#include <fmt/format.h>

#include "backup_file.hpp"
#include "json.hpp"
#include "output.hpp"
#include "slot_drill.hpp"
#include "slot_table.hpp"
#include "try.hpp"
#include "unlock.hpp"
#include "variable_store.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

/// Errors: already_exists; and whatever is wrong with what is there.
Result<std::unique_ptr<Store>> open_target(const Session& session) {
  const auto& place = session.request.operand;
  if (place.starts_with(kVariableScheme))
    return VariableStore::make(place.substr(kVariableScheme.size()), "backed_up", session.request.json);
  if (is_there(place)) return Error(Errc::already_exists, place + " is there already and is left alone");
  return open_backup(place, true);
}

Status check_contents(const Vault& backup, const Session& session) {
  TV_TRY(const auto report, backup.verify());
  for (const auto& fault : report.faults) session.notice("fault: " + fault.what);
  if (report.faults.empty()) return Ok{};
  return Error(Errc::tampered,
               fmt::format("the backup has faults ({}), each named above", report.faults.size()));
}

}  // namespace

/// A copy for others to run on, or to come back to: which slots open it is worth knowing now.
Result<int> run_backup(const Session& session) {
  const auto& place = session.request.operand;
  TV_TRY(const auto vault, session.vault());
  TV_TRY(const auto target, open_target(session));
  TV_TRY(const auto report, vault.backup_to(*target));
  session.notice(fmt::format("copied {} tokens of generation {} ({} bytes) to {}", report.tokens,
                             report.generation, report.bytes, place));
  if (place.starts_with(kVariableScheme)) return 0;
  TV_TRY(const auto info, vault.info());
  TV_CHECK(print(session.request.json ? json_copy("backed_up", place, report) : slot_table(info)));
  return 0;
}

Result<int> run_backup_verify(const Session& session) {
  TV_TRY(auto store, open_backup(session.request.operand, false));
  TV_TRY(const auto key, session.key(*store));
  // Without anchors: a backup is older than its vault, and is meant to be.
  TV_TRY(const auto vault, Vault::open(std::move(store), key));
  TV_CHECK(check_contents(vault, session));
  return run_drill(session, vault);
}

}  // namespace tokenvault::cli
