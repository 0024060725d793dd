#include <array>

#include "core/try.hpp"
#include "recipe/words.hpp"

namespace tokenvault::recipe {

namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";
constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

unsigned char byte_of(char letter) { return static_cast<unsigned char>(letter); }

bool is_control(char letter) { return byte_of(letter) < 0x20 || letter == 0x7f; }

Status append_percent(SecretText& into, char letter) {
  if (kUnreserved.find(letter) != kUnreserved.npos) return into.append({&letter, 1});
  const std::array<char, 3> escape{'%', kHex[byte_of(letter) >> 4U], kHex[byte_of(letter) & 15U]};
  return into.append({escape.data(), escape.size()});
}

Status append_json(SecretText& into, char letter) {
  if (letter == '"' || letter == '\\') TV_CHECK(into.append("\\"));
  if (!is_control(letter)) return into.append({&letter, 1});
  const std::array<char, 6> escape{
      '\\', 'u', '0', '0', kHex[byte_of(letter) >> 4U], kHex[byte_of(letter) & 15U]};
  return into.append({escape.data(), escape.size()});
}

// Of the bytes above 0x7f only what UTF-8 can have; the rest would make the body no JSON at all.
std::size_t utf8_length(std::string_view text) {
  const auto first = byte_of(text.front());
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  if (length > text.size()) return 0;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte_of(text[at]) & 0xc0U) != 0x80) return 0;
  }
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

Error cannot(const char* why) { return Error(Errc::invalid_argument, why); }

Status append_header(SecretText& into, std::string_view value) {
  for (const char letter : value) {
    if (is_control(letter)) return cannot("has a control character, which no header may have");
  }
  return into.append(value);
}

}  // namespace

Status append_encoded(SecretText& into, std::string_view value, Encoding encoding) {
  if (encoding == Encoding::plain) return into.append(value);
  if (encoding == Encoding::header) return append_header(into, value);
  if (encoding == Encoding::json && !is_utf8(value)) return cannot("is not UTF-8, which JSON must be");
  for (const char letter : value) {
    TV_CHECK(encoding == Encoding::json ? append_json(into, letter) : append_percent(into, letter));
  }
  return Ok{};
}

}  // namespace tokenvault::recipe
