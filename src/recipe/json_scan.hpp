#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/secret.hpp"

namespace tokenvault::recipe {

/// A JSON pointer (RFC 6901), taken apart. A plain value.
class JsonPointer {
 public:
  /// Errors: invalid_argument.
  static Result<JsonPointer> parse(std::string_view text);
  [[nodiscard]] std::span<const std::string> steps() const noexcept { return steps_; }

 private:
  std::vector<std::string> steps_;
};

// The readers below copy nothing, since an answer holds a token; a library's parser would leave it on
// the heap in pieces. At most 64 levels deep.

/// The value at `pointer`, as it is written. Reads no further than that value's end, so that it is found
/// in an answer that was cut behind it. Nothing where it is absent or the text up to there is no JSON.
[[nodiscard]] std::optional<std::string_view> find_json(std::string_view text, const JsonPointer& pointer);

/// Whether the whole text is one JSON value.
[[nodiscard]] bool is_json(std::string_view text);

/// The elements of a list, as they are written; nothing where `value` is not a list.
[[nodiscard]] std::optional<std::vector<std::string_view>> json_elements(std::string_view value);

/// The bytes of a written string. Errors: invalid_argument (no string), refused (over 32 KiB), out_of_memory.
Result<SecretBuffer> json_string(std::string_view value);

}  // namespace tokenvault::recipe
