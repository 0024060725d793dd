#include "tvp/redaction.hpp"

#include <algorithm>
#include <optional>

#include "core/bytes.hpp"
#include "core/hex.hpp"
#include "core/mutant.hpp"
#include "core/utf8.hpp"

namespace tokenvault::tvp {
namespace {

constexpr std::size_t kMaxCleaned = 8 * 1024;
constexpr std::size_t kLeastEncoded = 8;  // shorter ones would turn up in any text

using Bytes = std::span<const std::byte>;

/// What a program may have put between the bytes of a secret without meaning to: line ends, quoting.
bool is_filler(std::byte c) noexcept {
  return c <= std::byte{' '} || c == std::byte{0x7f} || c == std::byte{'\\'};
}

/// The byte that the two hex digits at the beginning of `text` are.
std::optional<std::byte> hex_byte(std::string_view text) noexcept {
  std::byte byte{};
  return from_hex(text.substr(0, 2), {&byte, 1}) ? std::optional(byte) : std::nullopt;
}

/// The byte that `text` begins with as %XX.
std::optional<std::byte> percent_byte(std::string_view text) noexcept {
  return text.starts_with('%') ? hex_byte(text.substr(1)) : std::nullopt;
}

/// How many bytes at the beginning of `text` are one printable character of UTF-8.
std::size_t character_size(std::string_view text) noexcept {
  for (std::size_t size = 1; size <= std::min<std::size_t>(4, text.size()); ++size) {
    if (is_plain_text(text.substr(0, size))) return size;
  }
  return 0;
}

/// How a text is read: with its %XX decoded or not, and with what one_line() would drop from within a secret or not.
struct Reading {
  bool percent, shown;
};

/// A text without filler, and where each of its bytes was.
class Projection {
 public:
  static std::optional<Projection> of(std::string_view text, Reading reading) {
    auto room = SecretBuffer::allocate(text.size());
    if (!room) return std::nullopt;
    Projection all(*std::move(room));
    for (std::size_t i = 0, step = 1, known = 0; i < text.size(); i += step) {
      const auto decoded =
          reading.percent && !mutated("redact.percent") ? percent_byte(text.substr(i)) : std::nullopt;
      step = decoded ? 3 : 1;
      if (known <= i) known = i + character_size(text.substr(i));
      if (reading.shown && !decoded && known <= i) continue;
      all.add(decoded.value_or(static_cast<std::byte>(text[i])), i, i + step);
    }
    return all;
  }

  [[nodiscard]] Bytes bytes() const noexcept { return room_.expose().first(places_.size()); }
  [[nodiscard]] std::size_t begin_of(std::size_t i) const noexcept { return places_[i].begin; }
  [[nodiscard]] std::size_t end_of(std::size_t i) const noexcept { return places_[i].end; }

 private:
  struct Place {
    std::size_t begin, end;
  };
  explicit Projection(SecretBuffer room) noexcept : room_(std::move(room)) {}
  void add(std::byte c, std::size_t begin, std::size_t end) {
    if (is_filler(c)) return;
    room_.expose_writable()[places_.size()] = c;
    places_.push_back({begin, end});
  }
  SecretBuffer room_;
  std::vector<Place> places_;
};

// Each tells how many bytes at the beginning of `text` are the secret in this writing; 0: it is not there.

std::size_t match_raw(Bytes text, Bytes secret) noexcept {
  std::size_t matched = 0;
  for (const std::byte c : secret) {
    if (is_filler(c)) continue;
    if (matched == text.size() || text[matched] != c) return 0;
    ++matched;
  }
  return matched;
}

std::size_t match_hex(Bytes text, Bytes secret) noexcept {
  if (secret.size() < kLeastEncoded || text.size() < secret.size() * 2) return 0;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    if (hex_byte(as_text(text.subspan(2 * i, 2))) != secret[i]) return 0;
  }
  return secret.size() * 2;
}

unsigned sextet(Bytes secret, std::size_t bit) noexcept {
  const unsigned first = std::to_integer<unsigned>(secret[bit / 8]);
  const unsigned second = bit / 8 + 1 < secret.size() ? std::to_integer<unsigned>(secret[bit / 8 + 1]) : 0;
  return (first << 8 | second) >> (10 - bit % 8) & 63;
}

std::optional<unsigned> base64_digit(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return std::nullopt;
}

/// `start`: the secret's first bit that begins a digit. 0, or 4 or 2 where something of another length came
/// before it, as the user's name does in an Authorization header.
std::size_t match_base64(Bytes text, Bytes secret, std::size_t start) noexcept {
  if (secret.size() < kLeastEncoded) return 0;
  const std::size_t digits = (secret.size() * 8 - start) / 6;
  if (text.size() < digits) return 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (base64_digit(static_cast<char>(text[i])) != sextet(secret, start + i * 6)) return 0;
  }
  return digits;
}

std::size_t match_any(Bytes text, Bytes secret) noexcept {
  return std::max({mutated("redact.raw") ? 0 : match_raw(text, secret),
                   mutated("redact.hex") ? 0 : match_hex(text, secret),
                   mutated("redact.base64") ? 0 : match_base64(text, secret, 0),
                   match_base64(text, secret, 2), match_base64(text, secret, 4)});
}

void mark(const Projection& projection, Bytes secret, std::vector<bool>& covered) {
  const Bytes text = projection.bytes();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t matched = match_any(text.subspan(i), secret);
    if (matched == 0) continue;
    const auto at = [&](std::size_t place) { return covered.begin() + static_cast<std::ptrdiff_t>(place); };
    std::fill(at(projection.begin_of(i)), at(projection.end_of(i + matched - 1)), true);
  }
}

std::string without(std::string_view text, const std::vector<bool>& covered) {
  std::string rest;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!covered[i]) rest += text[i];
    if (covered[i] && (i == 0 || !covered[i - 1])) rest += "[redacted]";
  }
  return rest;
}

}  // namespace

std::string Redaction::clean(std::string_view text) const {
  if (!mutated("redact.size") && text.size() > kMaxCleaned) return {};
  std::vector<bool> covered(text.size(), false);
  for (const auto reading : {Reading{false, false}, {true, false}, {false, true}, {true, true}}) {
    const auto projection = Projection::of(text, reading);
    if (!projection) return {};
    for (const Bytes secret : secrets_) mark(*projection, secret, covered);
  }
  return without(text, covered);
}

std::string one_line(std::string_view text) {
  std::string line;
  bool blank = false;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const auto c = static_cast<unsigned char>(text.front());
    if (size == 0 || c == ' ') {
      blank = blank || c <= ' ';
      text.remove_prefix(1);
      continue;
    }
    const bool gap = blank && !line.empty();
    if (line.size() + size + (gap ? 1 : 0) > kMaxLine) break;
    if (gap) line += ' ';
    line += text.substr(0, size);
    blank = false;
    text.remove_prefix(size);
  }
  return line;
}

std::string last_line(std::string_view text, bool cut) {
  const auto last = text.rfind('\n');
  if (cut && last != std::string_view::npos) text = text.substr(0, last);
  while (!text.empty()) {
    const auto before = text.rfind('\n');
    const auto line = one_line(before == std::string_view::npos ? text : text.substr(before + 1));
    if (!line.empty() || before == std::string_view::npos) return line;
    text = text.substr(0, before);
  }
  return {};
}

}  // namespace tokenvault::tvp
