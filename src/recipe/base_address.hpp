#pragma once
#include <string>

#include "tokenvault/error.hpp"

namespace tokenvault::recipe {

/// Where a recipe's calls go to: scheme, host and the path before theirs.
struct BaseAddress {
  std::string text;    ///< without a slash at its end
  std::string origin;  ///< scheme, host and port alone, for people
};

/// https, or http to this machine itself; no user, query or fragment.
/// Errors: invalid_argument (another address, and why not).
Result<BaseAddress> check_base(const std::string& text);

}  // namespace tokenvault::recipe
