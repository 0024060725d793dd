#include <fmt/format.h>

#include "backup_file.hpp"
#include "carried_keys.hpp"
#include "json.hpp"
#include "opening.hpp"
#include "output.hpp"
#include "try.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

Status told(const Session& session, const RestoreReport& report) {
  if (session.request.json) return print(json_restore(session.settings.vault_uri, report));
  session.notice(
      fmt::format("the vault is restored: {} tokens, generation {}", report.tokens, report.generation));
  for (const auto& name : report.dropped)
    session.notice(fmt::format("{} is not in the backup: it is destroyed, its number kept", name));
  return Ok{};
}

/// Where the vault goes back to: an empty place is made, one that is taken is looked at by the library.
Result<std::unique_ptr<Store>> open_target(const Session& session) {
  TV_CHECK(session.need_uri());
  if (session.settings.default_vault) TV_CHECK(make_parents(path_of(session.settings.vault_uri)));
  StoreOptions options;
  options.create = !session.request.accept_stale;
  TV_TRY(auto store, open_place(session.settings.vault_uri, session, options));
  TV_TRY(const bool found, holds_vault(*store));
  if (!found && session.request.accept_stale)
    return Error(Errc::no_vault, "there is no vault in " + session.settings.vault_uri);
  return store;
}

Result<RestoreReport> accept_stale(const Session& session, CarriedKeys carried) {
  TV_TRY(auto store, open_target(session));
  TV_TRY(const auto key, session.key(*store));
  TV_CHECK(carried.read(session.request.rotation));
  return Vault::accept_stale(std::move(store), key, {carried.how(), false}, session.options());
}

Result<RestoreReport> restore(const Session& session, CarriedKeys carried) {
  TV_TRY(auto backup, open_backup(session.request.operand, false));
  TV_TRY(const auto key, session.key(*backup));
  // A backup that the key does not open must not leave an empty vault behind.
  TV_TRY(auto twin, open_backup(session.request.operand, false));
  TV_CHECK(Vault::open(std::move(twin), key));
  TV_CHECK(carried.read(session.request.rotation));
  TV_TRY(auto store, open_target(session));
  return Vault::restore(std::move(store), std::move(backup), key, {carried.how(), session.request.replace},
                        session.options());
}

}  // namespace

Result<int> run_restore(const Session& session) {
  if (session.request.operand.empty() && !session.request.accept_stale)
    return Error(Errc::invalid_argument, "`restore` takes a backup's FILE, or --accept-stale");
  TV_TRY(auto carried, CarriedKeys::parse(session.request.rotation));
  TV_TRY(const auto report, session.request.accept_stale ? accept_stale(session, std::move(carried))
                                                         : restore(session, std::move(carried)));
  TV_CHECK(told(session, report));
  return 0;
}

}  // namespace tokenvault::cli
