#include <fmt/format.h>

#include "carried_keys.hpp"
#include "json.hpp"
#include "output.hpp"
#include "slot_drill.hpp"
#include "slot_table.hpp"
#include "try.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

Result<int> rotate(const Session& session, const std::optional<SlotId>& removed) {
  TV_TRY(auto carried, CarriedKeys::parse(session.request.rotation));
  TV_TRY(auto vault, session.vault());
  TV_CHECK(carried.read(session.request.rotation));
  if (removed) carried.drop.push_back(*removed);
  TV_CHECK(vault.rotate_master(carried.how()));
  session.warn_of_anchor(vault);
  TV_TRY(const auto info, vault.info());
  if (session.request.json) {
    TV_CHECK(print(json_vault("rotated", info)));
  } else {
    session.notice(fmt::format("the vault has a new master key (epoch {})", info.epoch));
  }
  return 0;
}

}  // namespace

Result<int> run_key_list(const Session& session) {
  TV_TRY(const auto vault, session.vault());
  TV_TRY(const auto info, vault.info());
  TV_CHECK(print(session.request.json ? json_slots(info) : slot_table(info)));
  return 0;
}

Result<int> run_key_verify(const Session& session) {
  TV_TRY(const auto vault, session.vault());
  const auto& tried = session.request.tried;
  const bool drill = tried.all || !tried.key_files.empty() || !tried.passphrase_fds.empty() ||
                     !tried.identity_files.empty() || !tried.recovery_files.empty();
  if (drill) return run_drill(session, vault);
  TV_TRY(const auto info, vault.info());
  TV_CHECK(print(session.request.json ? json_slot("opens", info.unlocked_by) : hex(info.unlocked_by) + '\n'));
  return 0;
}

Result<int> run_key_remove(const Session& session) {
  TV_TRY(const auto slot, parse_slot(session.request.operand));
  if (session.request.rotate) return rotate(session, slot);
  TV_TRY(auto vault, session.vault());
  TV_CHECK(vault.remove_key(slot));
  session.warn_of_anchor(vault);
  session.notice(
      "whoever had this key still opens copies of the vault made before now, and what is written until "
      "`tokenvault key rotate`");
  if (session.request.json) TV_CHECK(print(json_slot("removed", slot)));
  return 0;
}

Result<int> run_key_rotate(const Session& session) { return rotate(session, std::nullopt); }

}  // namespace tokenvault::cli
