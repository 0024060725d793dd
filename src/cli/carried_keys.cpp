#include "carried_keys.hpp"

#include "output.hpp"
#include "try.hpp"
#include "unlock.hpp"

namespace tokenvault::cli {

Result<SlotId> parse_slot(std::string_view text) {
  SlotId slot{};
  if (!unhex(text, slot))
    return Error(Errc::invalid_argument, "a slot is named by its 16 hexadecimal digits");
  return slot;
}

Result<CarriedKeys> CarriedKeys::parse(const RotateFlags& flags) {
  CarriedKeys carried;
  for (const auto& text : flags.drop) {
    TV_TRY(carried.drop.emplace_back(), parse_slot(text));
  }
  return carried;
}

Status CarriedKeys::read(const RotateFlags& flags) {
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

RotateMaster CarriedKeys::how() const {
  RotateMaster how;
  for (const auto& key : keys) how.keep.push_back(&key);
  how.drop = drop;
  return how;
}

}  // namespace tokenvault::cli
