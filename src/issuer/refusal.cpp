#include <fmt/format.h>

#include "tokenvault/issuer.hpp"

namespace tokenvault {
namespace {

struct Wording {
  int status;
  std::string_view error, title;
};

Wording wording_of(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::missing: return {401, "", "An API token is required."};
    case Refusal::ambiguous: return {400, "invalid_request", "More than one Authorization field was sent."};
    case Refusal::malformed:
      return {401, "invalid_token", "This is not a token of this service; it may have been cut short."};
    case Refusal::unknown: return {401, "invalid_token", "This token is not known."};
    case Refusal::expired: return {401, "invalid_token", "This token has expired."};
    case Refusal::revoked: return {401, "invalid_token", "This token was revoked."};
    case Refusal::scope: return {403, "insufficient_scope", "This token may not do that."};
  }
  return {401, "", "An API token is required."};
}

}  // namespace

std::string_view to_string(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::missing: return "missing";
    case Refusal::ambiguous: return "ambiguous";
    case Refusal::malformed: return "malformed";
    case Refusal::unknown: return "unknown";
    case Refusal::expired: return "expired";
    case Refusal::revoked: return "revoked";
    case Refusal::scope: return "scope";
  }
  return "missing";
}

HttpRefusal describe(Refusal refusal, std::string_view realm, std::string_view scope) {
  const auto [status, error, title] = wording_of(refusal);
  std::string challenge = fmt::format("Bearer realm=\"{}\"", realm);
  if (!error.empty()) challenge += fmt::format(", error=\"{}\"", error);
  if (error == "invalid_token") challenge += fmt::format(", error_description=\"{}\"", title);
  if (refusal == Refusal::scope && !scope.empty()) challenge += fmt::format(", scope=\"{}\"", scope);
  return {status, std::move(challenge),
          fmt::format(R"({{"type":"/problems#{}","title":"{}","status":{}}})", to_string(refusal), title,
                      status)};
}

}  // namespace tokenvault
