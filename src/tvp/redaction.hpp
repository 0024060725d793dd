#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/secret.hpp"

namespace tokenvault::tvp {

/// Takes secrets out of texts that a program wrote. Against accidents, not against a program that hides them.
class Redaction {
 public:
  /// The secret's bytes have to outlive this object.
  void add(const SecretBuffer& secret) { secrets_.push_back(secret.expose()); }

  /// `text` with `[redacted]` for every secret in it: as it is, percent-encoded, or, from 8 bytes on, in hex,
  /// base64 or base64url, alone or within something longer; also with white space, control characters or
  /// backslashes in between. Empty where it cannot be looked through: above 8 KiB, or no secret memory.
  [[nodiscard]] std::string clean(std::string_view text) const;

  /// Whether clean() would change `text`.
  [[nodiscard]] bool finds_in(std::string_view text) const { return clean(text) != text; }

 private:
  std::vector<std::span<const std::byte>> secrets_;
};

inline constexpr std::size_t kMaxLine = 200;  // bytes

/// One line of at most 200 bytes: each run of control characters and blanks is one blank, what is not UTF-8
/// is dropped.
std::string one_line(std::string_view text);

/// The last line of `text` that is not blank, as one_line() has it. `cut`: the end is missing, so that the
/// last line is not a whole one, and not shown where there is another.
std::string last_line(std::string_view text, bool cut);

}  // namespace tokenvault::tvp
