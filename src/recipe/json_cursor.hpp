#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace tokenvault::recipe {

/// Walks over JSON text (RFC 8259) and says where values end.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) noexcept : text_(text) {}

  void skip_space() noexcept;
  /// Steps over `letter`, with white space before it; false where another stands there.
  bool take(char letter) noexcept;
  [[nodiscard]] char peek() noexcept;
  [[nodiscard]] bool at_end() noexcept;
  /// The value that stands here, as written, without the white space around it.
  std::optional<std::string_view> value(int depth = 0) noexcept;
  /// The string that stands here, in its quotes.
  std::optional<std::string_view> string() noexcept;

  static constexpr int kMaxDepth = 64;

 private:
  bool skip_value(int depth) noexcept;
  bool skip_string() noexcept;
  bool skip_escape() noexcept;
  bool skip_number() noexcept;
  bool skip_digits() noexcept;
  bool skip_word(std::string_view word) noexcept;
  bool skip_members(char close, int depth) noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace tokenvault::recipe
