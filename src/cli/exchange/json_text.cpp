#include "json_text.hpp"

#include "../try.hpp"
#include "utf8_check.hpp"

namespace tokenvault::cli {
namespace {

constexpr auto kEnd = TextSource::kEnd;
constexpr int kMaxDepth = 32;

bool is_digit(int byte) { return byte >= '0' && byte <= '9'; }

int hex_digit(int byte) {
  if (is_digit(byte)) return byte - '0';
  const int lower = byte | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Status put_code_point(char32_t code_point, const JsonText::Sink& sink) {
  const int bits = static_cast<int>(code_point);
  const auto low_six = [&](int shift) { return 0x80 | ((bits >> shift) & 0x3F); };
  if (bits < 0x80) return sink(bits);
  if (bits < 0x800) {
    TV_CHECK(sink(0xC0 | (bits >> 6)));
    return sink(low_six(0));
  }
  if (bits < 0x10000) {
    TV_CHECK(sink(0xE0 | (bits >> 12)));
  } else {
    TV_CHECK(sink(0xF0 | (bits >> 18)));
    TV_CHECK(sink(low_six(12)));
  }
  TV_CHECK(sink(low_six(6)));
  return sink(low_six(0));
}

}  // namespace

void JsonText::skip_space() {
  for (int byte = source_.peek(); byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
       byte = source_.peek())
    source_.take();
}

bool JsonText::comes(char byte) {
  skip_space();
  return source_.peek() == byte;
}

Status JsonText::expect(char wanted, std::string_view what) {
  if (!comes(wanted)) return fault(what);
  source_.take();
  return Ok{};
}

Result<bool> JsonText::element(bool first, char closing) {
  if (comes(closing)) {
    source_.take();
    return false;
  }
  if (!first) TV_CHECK(expect(',', "a comma or a closing bracket is missing"));
  return true;
}

Status JsonText::string(const Sink& sink) {
  TV_CHECK(expect('"', "a string is missing"));
  Utf8Check characters;
  for (int byte = source_.take(); byte != '"' || !characters.complete(); byte = source_.take()) {
    if (byte == kEnd) return fault("a string is not closed");
    if (byte < ' ') return fault("a control character in a string has to be escaped");
    if (!characters.accept(byte)) return fault("a string is not UTF-8");
    if (byte == '\\') {
      TV_TRY(const auto code_point, escape());
      TV_CHECK(put_code_point(code_point, sink));
    } else {
      TV_CHECK(sink(byte));
    }
  }
  return Ok{};
}

Result<char32_t> JsonText::escape() {
  switch (source_.take()) {
    case '"': return U'"';
    case '\\': return U'\\';
    case '/': return U'/';
    case 'b': return U'\b';
    case 'f': return U'\f';
    case 'n': return U'\n';
    case 'r': return U'\r';
    case 't': return U'\t';
    case 'u': return unicode_escape();
    default: return fault("an escape that JSON does not have");
  }
}

Result<char32_t> JsonText::four_digits() {
  int bits = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(source_.take());
    if (digit < 0) return fault("an escape lacks its four digits");
    bits = bits * 16 + digit;
  }
  return static_cast<char32_t>(bits);
}

/// One code point, of two escapes where it is beyond U+FFFF.
Result<char32_t> JsonText::unicode_escape() {
  constexpr std::string_view kHalf = "half a surrogate pair";
  TV_TRY(const auto high, four_digits());
  if (high < 0xD800 || high > 0xDFFF) return high;
  if (high > 0xDBFF || source_.take() != '\\' || source_.take() != 'u') return fault(kHalf);
  TV_TRY(const auto low, four_digits());
  if (low < 0xDC00 || low > 0xDFFF) return fault(kHalf);
  return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

Status JsonText::key(SecretText& name) {
  name.clear();
  bool too_long = false;
  TV_CHECK(string([&](int byte) -> Status {
    too_long = too_long || name.full();
    return too_long ? Status(Ok{}) : name.append(byte);
  }));
  if (too_long) name.clear();
  return expect(':', "a colon is missing");
}

Status JsonText::skip(int depth) {
  if (depth == kMaxDepth) return fault("nested deeper than 32");
  if (comes('"')) return string([](int) -> Status { return Ok{}; });
  if (comes('{')) return skip_members(depth + 1);
  if (comes('[')) return skip_elements(depth + 1);
  if (source_.peek() == '-' || is_digit(source_.peek())) return skip_number();
  return skip_word();
}

Status JsonText::skip_members(int depth) {
  source_.take();
  for (bool first = true;; first = false) {
    TV_TRY(const bool more, element(first, '}'));
    if (!more) return Ok{};
    TV_CHECK(string([](int) -> Status { return Ok{}; }));
    TV_CHECK(expect(':', "a colon is missing"));
    TV_CHECK(skip(depth));
  }
}

Status JsonText::skip_elements(int depth) {
  source_.take();
  for (bool first = true;; first = false) {
    TV_TRY(const bool more, element(first, ']'));
    if (!more) return Ok{};
    TV_CHECK(skip(depth));
  }
}

Status JsonText::skip_word() {
  const int initial = source_.peek();
  const std::string_view word = initial == 't'   ? "true"
                                : initial == 'f' ? "false"
                                : initial == 'n' ? "null"
                                                 : std::string_view();
  if (word.empty()) return fault("a value is missing");
  for (const char letter : word)
    if (source_.take() != letter) return fault("a word that JSON does not have");
  return Ok{};
}

bool JsonText::skip_digits() {
  if (!is_digit(source_.peek())) return false;
  while (is_digit(source_.peek())) source_.take();
  return true;
}

Status JsonText::skip_number() {
  constexpr std::string_view kMalformed = "a number that JSON does not have";
  if (source_.peek() == '-') source_.take();
  const bool zero = source_.peek() == '0';
  if (zero) source_.take();
  if (!zero && !skip_digits()) return fault(kMalformed);
  if (source_.peek() == '.') {
    source_.take();
    if (!skip_digits()) return fault(kMalformed);
  }
  if (source_.peek() == 'e' || source_.peek() == 'E') {
    source_.take();
    if (source_.peek() == '+' || source_.peek() == '-') source_.take();
    if (!skip_digits()) return fault(kMalformed);
  }
  return Ok{};
}

Status JsonText::end() {
  skip_space();
  if (source_.peek() != kEnd) return fault("something follows the end of the document");
  return source_.status();
}

}  // namespace tokenvault::cli
