#include "issuer/request_check.hpp"

#include <algorithm>

#include "core/mutant.hpp"
#include "core/try.hpp"
#include "core/utf8.hpp"
#include "issuer/entry.hpp"

namespace tokenvault::issuer {
namespace {

constexpr std::size_t kLongestName = 100, kLongestScopes = 400, kLongestRotation = 64;
constexpr std::chrono::seconds kLongestSpan{std::chrono::days(7)};

Error wrong(const char* why) { return Error(Errc::invalid_argument, why); }

bool is_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kLongestName && is_plain_text(text);
}

/// RFC 6749 section 3.3: printable ASCII but for the quote and the backslash, one blank between two words.
bool are_scopes(std::string_view scopes) noexcept {
  const auto fits = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (scopes.empty()) return true;
  return scopes.size() <= kLongestScopes && std::ranges::all_of(scopes, fits) && scopes.front() != ' ' &&
         scopes.back() != ' ' && scopes.find("  ") == scopes.npos;
}

bool is_rotation(std::string_view id) noexcept {
  const auto fits = [](char c) {
    return TokenFormat::kDigits.find(c) != std::string_view::npos || c == '_' || c == '-';
  };
  return !id.empty() && id.size() <= kLongestRotation && std::ranges::all_of(id, fits);
}

}  // namespace

Status check(const IssueRequest& request, Time now) {
  if (!mutated("request.org") && !is_name(request.org))
    return wrong(
        "cannot issue a token: its organisation needs 1 to 100 bytes of text without control characters");
  if (!mutated("request.name") && !is_name(request.name))
    return wrong("cannot issue a token: its name needs 1 to 100 bytes of text without control characters");
  if (!mutated("request.scopes") && !are_scopes(request.scopes))
    return wrong(
        "cannot issue a token: scopes are words of ASCII with one blank between two, 400 bytes at most");
  if (!mutated("request.expires") && request.expires &&
      (*request.expires <= now || *request.expires > kLatest))
    return wrong("cannot issue a token: it has to expire in the future, before the year 10000");
  return Ok{};
}

Status check(const TokenRotation& rotation) {
  if (!mutated("request.rotation") && !is_rotation(rotation.rotation))
    return wrong("cannot rotate a token: the rotation needs an id of 1 to 64 letters, digits, _ and -");
  if (!mutated("request.overlap") &&
      (rotation.overlap < rotation.overlap.zero() || rotation.overlap > kLongestSpan))
    return wrong("cannot rotate a token: the overlap is 0 seconds to 7 days");
  if (!mutated("request.first_use") &&
      (rotation.first_use_within < std::chrono::seconds(1) || rotation.first_use_within > kLongestSpan))
    return wrong("cannot rotate a token: the first use is due within 1 second to 7 days");
  return Ok{};
}

}  // namespace tokenvault::issuer
