#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/error.hpp"

namespace tokenvault::recipe {

/// What may stand between braces. A closed list: a recipe computes nothing.
enum class Word : std::uint8_t {
  token,
  current,
  id,
  rotation,
  name,
  overlap,
  expires,
  expires_date,
  set,     ///< {set.X}: the policy's setting X
  secret,  ///< {secret.X}: the policy's further secret X
};

/// Either a literal, or a word with its key (X above, else empty).
struct Part {
  std::string literal;
  std::optional<Word> word;
  std::string key;
  bool operator==(const Part&) const = default;
};

/// The part as it is written.
[[nodiscard]] std::string to_string(const Part& part);

/// A text with words in it, taken apart once. A plain value.
class Template {
 public:
  /// Errors: invalid_argument (a brace that is no part of a word, or a word that there is not).
  static Result<Template> parse(std::string_view text);

  [[nodiscard]] std::span<const Part> parts() const noexcept { return parts_; }
  [[nodiscard]] bool uses(Word word) const noexcept;
  /// The word, where the whole text is one; else null.
  [[nodiscard]] const Part* only() const noexcept;

 private:
  std::vector<Part> parts_;
};

}  // namespace tokenvault::recipe
