#include "tokenvault/token_format.hpp"

#include <algorithm>
#include <cstdint>

#include "core/mutant.hpp"

namespace tokenvault {
namespace {

constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
constexpr bool is_number(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_prefix_character(char c) noexcept { return is_lower(c) || is_number(c); }
constexpr bool is_digit(char c) noexcept { return is_prefix_character(c) || (c >= 'A' && c <= 'Z'); }

/// One entry for each half of a byte: all of it lies in one line of the cache, so that no secret shows in timing.
struct alignas(64) CrcTable {
  std::array<std::uint32_t, 16> of{};
};

constexpr CrcTable make_crc_table() noexcept {
  CrcTable table;
  for (std::uint32_t i = 0; i < table.of.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 4; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
    table.of[i] = crc;
  }
  return table;
}

constexpr CrcTable kCrc = make_crc_table();

std::uint32_t crc32(std::string_view text) noexcept {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    crc = (crc >> 4) ^ kCrc.of[crc & 15];
    crc = (crc >> 4) ^ kCrc.of[crc & 15];
  }
  return ~crc;
}

}  // namespace

bool is_token_prefix(std::string_view prefix) noexcept {
  return prefix.size() >= TokenFormat::kMinPrefix && prefix.size() <= TokenFormat::kMaxPrefix &&
         is_lower(prefix.front()) && std::all_of(prefix.begin(), prefix.end(), is_prefix_character);
}

std::array<char, TokenFormat::kCheckSize> token_check(std::string_view text) noexcept {
  std::array<char, TokenFormat::kCheckSize> check{};
  std::uint32_t rest = crc32(text);
  for (auto digit = check.rbegin(); digit != check.rend(); ++digit, rest /= 62)
    *digit = TokenFormat::kDigits[rest % 62];
  return check;
}

bool has_token_shape(std::string_view text) noexcept {
  if (text.size() <= TokenFormat::kBodySize) return false;
  const std::size_t mark = text.size() - TokenFormat::kBodySize - 1;
  const auto body = text.substr(mark + 1);
  return text[mark] == '_' && is_token_prefix(text.substr(0, mark)) &&
         (mutated("token.digits") || std::all_of(body.begin(), body.end(), is_digit));
}

std::optional<TokenParts> parse_token(std::string_view text) noexcept {
  if (!has_token_shape(text)) return std::nullopt;
  const std::size_t checked = text.size() - TokenFormat::kCheckSize;
  const auto check = token_check(text.substr(0, checked));
  if (!mutated("token.check") && text.substr(checked) != std::string_view(check.data(), check.size()))
    return std::nullopt;
  const std::size_t mark = text.size() - TokenFormat::kBodySize - 1;
  return TokenParts{text.substr(0, mark), text.substr(mark + 1, TokenFormat::kIdSize)};
}

std::string shown_token(std::string_view prefix, std::string_view id) {
  std::string shown(prefix);
  return shown.append("_").append(id).append(kEllipsis);
}

std::string redact_tokens(std::string_view text) {
  constexpr std::size_t kHoldsSecret = TokenFormat::kIdSize + TokenFormat::kSecretSize;
  std::string redacted;
  std::size_t from = 0;
  for (std::size_t mark = text.find('_'); mark != text.npos; mark = text.find('_', from)) {
    const auto body = text.substr(mark + 1);
    const auto run =
        static_cast<std::size_t>(std::find_if_not(body.begin(), body.end(), is_digit) - body.begin());
    const bool is_token = run >= kHoldsSecret && mark > 0 && is_prefix_character(text[mark - 1]);
    redacted += text.substr(from, mark + 1 + (is_token ? TokenFormat::kIdSize : run) - from);
    if (is_token) redacted += kEllipsis;
    from = mark + 1 + run;
  }
  redacted += text.substr(from);
  return redacted;
}

}  // namespace tokenvault
