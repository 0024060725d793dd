#pragma once
#include <string_view>
#include <vector>

#include "request.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::cli {

/// A slot's id from its 16 hexadecimal digits. Errors: invalid_argument.
Result<SlotId> parse_slot(std::string_view text);

/// The secrets that carry over to a new master key and the slots that end, in one piece with what owns
/// them.
struct CarriedKeys {
  std::vector<KeySource> keys;
  std::vector<SlotId> drop;

  /// The slots that the flags drop; reads nothing. Errors: invalid_argument.
  static Result<CarriedKeys> parse(const RotateFlags& flags);
  /// The keys that they keep. Errors: those of reading a key.
  Status read(const RotateFlags& flags);
  [[nodiscard]] RotateMaster how() const;
};

}  // namespace tokenvault::cli
