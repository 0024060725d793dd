#pragma once
#include <charconv>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tokenvault {

// Here whole, since a backend that is a library of its own is not linked with what is hidden in this one.

/// Lower-case hex of public bytes.
inline std::string to_hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const auto byte : bytes) {
    text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

/// Fills all of `out` from exactly as much hex; false for anything else.
inline bool from_hex(std::string_view text, std::span<std::byte> out) noexcept {
  if (text.size() != 2 * out.size()) return false;
  for (auto& byte : out) {
    unsigned value = 0;
    const char* const end = text.data() + 2;
    if (std::from_chars(text.data(), end, value, 16).ptr != end) return false;
    byte = static_cast<std::byte>(value);
    text.remove_prefix(2);
  }
  return true;
}

}  // namespace tokenvault
