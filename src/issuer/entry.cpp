#include "issuer/entry.hpp"

#include "core/mutant.hpp"

namespace tokenvault {

std::string_view to_string(IssuedState state) noexcept {
  switch (state) {
    case IssuedState::active: return "active";
    case IssuedState::pending: return "pending";
    case IssuedState::expired: return "expired";
    case IssuedState::revoked: return "revoked";
  }
  return "unknown";
}

bool has_scope(std::string_view scopes, std::string_view scope) noexcept {
  if (!mutated("issuer.scope_word") && (scope.empty() || scope.find(' ') != scope.npos)) return false;
  for (std::size_t from = 0; from <= scopes.size();) {
    const auto end = std::min(scopes.find(' ', from), scopes.size());
    if (scopes.substr(from, end - from) == scope) return true;
    from = end + 1;
  }
  return false;
}

namespace issuer {

IssuedState state_of(const Entry& entry, Time now) noexcept {
  const bool waits = entry.lapses && !entry.row.first_used;
  if (!mutated("issuer.revoked") && entry.row.revoked) return IssuedState::revoked;
  if (!mutated("issuer.expired") && entry.row.grant.expires && now >= *entry.row.grant.expires)
    return IssuedState::expired;
  if (!mutated("issuer.lapsed") && waits && now >= *entry.lapses) return IssuedState::expired;
  return waits ? IssuedState::pending : IssuedState::active;
}

Decision decide(const Entry& entry, std::string_view scope, Time now) {
  const auto state = state_of(entry, now);
  if (state == IssuedState::revoked) return Refusal::revoked;
  if (state == IssuedState::expired) return Refusal::expired;
  if (!mutated("issuer.scope") && !scope.empty() && !has_scope(entry.row.grant.scopes, scope))
    return Refusal::scope;
  return entry.row.grant;
}

}  // namespace issuer
}  // namespace tokenvault
