#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

/// Writes all of `text` with write(2). Errors: io.
Status write_all(int fd, std::string_view text);

/// The same for secret bytes, straight from the arena: no buffer in between. Errors: io, forked.
Status write_secret(int fd, const SecretBuffer& secret);

/// Data for stdout. Errors: io.
Status print(std::string_view text);

/// `text` with every control character but a tab replaced, so that it cannot drive a terminal.
[[nodiscard]] std::string printable(std::string_view text);

/// Rows as columns padded with spaces, two apart, nothing after the last cell of a row.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows);

/// Lower case hexadecimal digits.
template <typename Array>
[[nodiscard]] std::string hex(const Array& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    text += kDigits[value >> 4];
    text += kDigits[value & 15];
  }
  return text;
}

/// Reads exactly `out.size()` bytes of hexadecimal digits of either case.
template <typename Array>
[[nodiscard]] bool unhex(std::string_view text, Array& out) {
  const auto digit = [](char c) {
    const int lower = c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c;
    return lower >= '0' && lower <= '9' ? lower - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  if (text.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::byte>(high * 16 + low);
  }
  return true;
}

}  // namespace tokenvault::cli
