#include <fmt/format.h>

#include "findings.hpp"
#include "json.hpp"
#include "output.hpp"
#include "tokenvault/rotation.hpp"
#include "try.hpp"
#include "unlock.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

/// What can be said without a key, and what is then there to be opened.
Result<Place> look_around(const Session& session, Findings& findings) {
  findings.of_etcd(session.settings);
  auto place = session.place();
  KeptLook kept;
  if (place && place->store != nullptr) kept = session.kept_key(*place->store);
  findings.of_key_source(choose_unlock(session.request.unlock, session.settings, kept.found.has_value()),
                         session.settings);
  findings.of_kept_key(kept);
  findings.of_anchors(session.settings);
  return place;
}

Status look_inside(const Session& session, Place place, Findings& findings) {
  auto vault = session.vault(std::move(place));
  findings.of_memory(protection());
  if (!vault) return std::move(vault).error();
  TV_TRY(const auto info, vault->info());
  findings.of_vault(info);
  findings.of_slots(info);
  TV_TRY(const auto tokens, vault->list());
  findings.of_tokens(tokens, system_clock().now(), session.request.names);
  TV_TRY(const auto open, rotations(*vault));
  findings.of_rotations(open, session.request.names);
  TV_TRY(const auto report, vault->verify());
  findings.of_contents(report);
  if (report.faults.empty()) return Ok{};
  return Error(Errc::tampered, "the vault has faults: `tokenvault verify` names them");
}

Status examine(const Session& session, Findings& findings) {
  TV_TRY(auto place, look_around(session, findings));
  return look_inside(session, std::move(place), findings);
}

}  // namespace

/// Tells all it found even where the vault does not open: that is when it is needed.
Result<int> run_doctor(const Session& session) {
  Findings findings(session.settings.vault_uri);
  auto examined = examine(session, findings);
  if (!examined) findings.of_failure(examined.error());
  TV_CHECK(print(session.request.json ? json_findings(findings.all()) : findings.page()));
  if (!examined) return std::move(examined).error();
  return 0;
}

}  // namespace tokenvault::cli
