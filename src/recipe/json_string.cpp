#include <algorithm>

#include "core/try.hpp"
#include "recipe/json_cursor.hpp"
#include "recipe/json_scan.hpp"

namespace tokenvault::recipe {

namespace {

/// Writes a string's characters into memory that is large enough: no escape is longer than it is written.
class Decoder {
 public:
  Decoder(std::string_view written, std::span<std::byte> into) : text_(written), into_(into) {}

  /// The number of bytes. `written` is a sound string's inside.
  std::size_t run() {
    while (at_ < text_.size()) {
      const char letter = text_[at_++];
      letter == '\\' ? escape(text_[at_++]) : put(static_cast<unsigned char>(letter));
    }
    return size_;
  }

 private:
  void put(unsigned value) { into_[size_++] = static_cast<std::byte>(value); }

  void escape(char kind) {
    constexpr std::string_view kKinds = "bfnrt";
    constexpr std::string_view kMeant = "\b\f\n\r\t";
    const auto which = kKinds.find(kind);
    if (kind == 'u') {
      code_point(unit());
    } else {
      put(static_cast<unsigned char>(which == kKinds.npos ? kind : kMeant[which]));
    }
  }

  unsigned unit() {
    unsigned value = 0;
    for (int count = 0; count < 4; ++count) {
      const char digit = text_[at_++];
      const auto letter = static_cast<unsigned>(digit) | 0x20U;
      value = 16 * value + (digit <= '9' ? static_cast<unsigned>(digit - '0') : letter - 'a' + 10);
    }
    return value;
  }

  void code_point(unsigned value) {
    const bool is_pair = value >= 0xd800 && value < 0xdc00 && text_.substr(at_).starts_with("\\u");
    if (is_pair) {
      at_ += 2;
      value = 0x10000 + ((value - 0xd800) << 10U) + (unit() & 0x3ffU);
    }
    if (value < 0x80) return put(value);
    const int more = value < 0x800 ? 1 : value < 0x10000 ? 2 : 3;
    constexpr unsigned kLead[] = {0, 0xc0, 0xe0, 0xf0};
    put(kLead[more] | (value >> (6U * static_cast<unsigned>(more))));
    for (int left = more - 1; left >= 0; --left) {
      put(0x80U | ((value >> (6U * static_cast<unsigned>(left))) & 0x3fU));
    }
  }

  std::string_view text_;
  std::span<std::byte> into_;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
};

}  // namespace

Result<SecretBuffer> json_string(std::string_view value) {
  JsonCursor cursor(value);
  if (!cursor.string() || !cursor.at_end()) return Error(Errc::invalid_argument, "read a string: it is none");
  const auto inside = value.substr(1, value.size() - 2);
  if (inside.size() > kMaxSecretSize) return Error(Errc::refused, "read a string: it is longer than 32 KiB");
  TV_TRY(auto bytes, SecretBuffer::allocate(inside.size()));
  bytes.truncate(Decoder(inside, bytes.expose_writable()).run());
  return bytes;
}

}  // namespace tokenvault::recipe
