#include <fmt/format.h>

#include "json.hpp"
#include "output.hpp"
#include "slot_table.hpp"
#include "try.hpp"
#include "unlock.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

Result<SlotId> parse_slot(std::string_view text) {
  SlotId slot{};
  if (!unhex(text, slot))
    return Error(Errc::invalid_argument, "a slot is named by its 16 hexadecimal digits");
  return slot;
}

/// The secrets that carry over and the slots that end, in one piece with what owns them.
struct Rotation {
  std::vector<KeySource> keys;
  std::vector<SlotId> drop;

  [[nodiscard]] RotateMaster how() const {
    RotateMaster how;
    for (const auto& key : keys) how.keep.push_back(&key);
    how.drop = drop;
    return how;
  }
};

Result<std::vector<SlotId>> parse_slots(const std::vector<std::string>& texts) {
  std::vector<SlotId> slots;
  for (const auto& text : texts) {
    TV_TRY(slots.emplace_back(), parse_slot(text));
  }
  return slots;
}

Status read_kept_keys(const RotateFlags& flags, std::vector<KeySource>& keys) {
  for (const auto& path : flags.keep_key_files) {
    TV_TRY(auto key, key_from_file(path));
    keys.push_back(std::move(key));
  }
  for (const int fd : flags.keep_passphrase_fds) {
    TV_TRY(auto key, passphrase_from_fd(fd, {}));
    keys.push_back(std::move(key));
  }
  return Ok{};
}

Result<int> rotate(const Session& session, Rotation rotation) {
  TV_TRY(auto vault, session.vault());
  TV_CHECK(read_kept_keys(session.request.rotation, rotation.keys));
  TV_CHECK(vault.rotate_master(rotation.how()));
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
  TV_TRY(const auto info, vault.info());
  TV_CHECK(print(session.request.json ? json_slot("opens", info.unlocked_by) : hex(info.unlocked_by) + '\n'));
  return 0;
}

Result<int> run_key_remove(const Session& session) {
  TV_TRY(const auto slot, parse_slot(session.request.operand));
  if (session.request.rotate) {
    TV_TRY(auto drop, parse_slots(session.request.rotation.drop));
    drop.push_back(slot);
    return rotate(session, {{}, std::move(drop)});
  }
  TV_TRY(auto vault, session.vault());
  TV_CHECK(vault.remove_key(slot));
  session.warn_of_anchor(vault);
  session.notice(
      "whoever had this key still opens copies of the vault made before now, and what is written until "
      "`tokenvault key rotate`");
  if (session.request.json) TV_CHECK(print(json_slot("removed", slot)));
  return 0;
}

Result<int> run_key_rotate(const Session& session) {
  TV_TRY(auto drop, parse_slots(session.request.rotation.drop));
  return rotate(session, {{}, std::move(drop)});
}

}  // namespace tokenvault::cli
