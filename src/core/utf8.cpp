#include "core/utf8.hpp"

#include <optional>

#include "core/mutant.hpp"

namespace tokenvault {
namespace {

struct Lead {
  std::size_t length;
  char32_t bits;
  char32_t least;  // the smallest code point that needs this length
};

std::optional<Lead> read_lead(unsigned char c) noexcept {
  if (c < 0x80) return Lead{1, c, 0};
  if ((c & 0xe0) == 0xc0) return Lead{2, static_cast<char32_t>(c & 0x1f), 0x80};
  if ((c & 0xf0) == 0xe0) return Lead{3, static_cast<char32_t>(c & 0x0f), 0x800};
  if ((c & 0xf8) == 0xf0) return Lead{4, static_cast<char32_t>(c & 0x07), 0x10000};
  return std::nullopt;
}

/// Takes one code point off the front of `text`, which is not empty.
std::optional<char32_t> next_code_point(std::string_view& text) noexcept {
  const auto lead = read_lead(static_cast<unsigned char>(text.front()));
  if (!lead || text.size() < lead->length) return std::nullopt;
  char32_t value = lead->bits;
  for (std::size_t i = 1; i < lead->length; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!mutated("utf8.continuation") && (c & 0xc0) != 0x80) return std::nullopt;
    value = (value << 6) | (c & 0x3f);
  }
  if ((!mutated("utf8.overlong") && value < lead->least) || (!mutated("utf8.range") && value > 0x10ffff) ||
      (!mutated("utf8.surrogate") && value >= 0xd800 && value < 0xe000))
    return std::nullopt;
  text.remove_prefix(lead->length);
  return value;
}

}  // namespace

bool is_plain_text(std::string_view text) noexcept {
  while (!text.empty()) {
    if (text.front() >= 0x20 && text.front() < 0x7f) {  // most names are ASCII, and every get checks one
      text.remove_prefix(1);
      continue;
    }
    const auto c = next_code_point(text);
    if (!c || *c < 0x20 || (!mutated("utf8.control") && *c >= 0x7f && *c < 0xa0)) return false;
  }
  return true;
}

}  // namespace tokenvault
