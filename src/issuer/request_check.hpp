#pragma once
#include "tokenvault/issuer.hpp"

namespace tokenvault::issuer {

/// What a caller may ask for. Errors: invalid_argument, which names the field.
Status check(const IssueRequest& request, Time now);
Status check(const TokenRotation& rotation);

}  // namespace tokenvault::issuer
