#include "issuer/bearer.hpp"

#include <algorithm>

#include "core/mutant.hpp"

namespace tokenvault::issuer {
namespace {

constexpr std::string_view kScheme = "bearer";

bool is_bearer(std::string_view scheme) noexcept {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
  return std::ranges::equal(scheme, kScheme, same);
}

}  // namespace

std::variant<Presented, Refusal> read_bearer(std::span<const std::string_view> fields) noexcept {
  if (fields.empty()) return Refusal::missing;
  if (!mutated("bearer.one") && fields.size() > 1) return Refusal::ambiguous;
  const auto field = fields.front();
  const auto blank = std::min(field.find(' '), field.size());
  const auto token = field.substr(std::min(field.find_first_not_of(' ', blank), field.size()));
  // An empty one is what a client with an unset variable sends.
  if ((!mutated("bearer.scheme") && !is_bearer(field.substr(0, blank))) || token.empty())
    return Refusal::missing;
  const auto parts = parse_token(token);
  if (!parts) return Refusal::malformed;
  return Presented{token, parts->id};
}

}  // namespace tokenvault::issuer
