#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "tokenvault/error.hpp"

namespace tokenvault {

/// How one token is rotated; kept sealed in its entry. A plain value.
struct Policy {
  /// Who issues the token, in words that Rotator does not read: the command knows "human", "exec:PATH" and
  /// "recipe:PATH". 1 to 1024 bytes of text.
  std::string provider;
  std::chrono::seconds rotate_after{0};  ///< age at which the token is due; 0: only when asked
  std::chrono::seconds grace{0};         ///< how long the old token stays good beside the new one
  std::chrono::seconds lifetime{0};      ///< what a new token is asked to live; 0: as the provider likes
  std::chrono::seconds timeout{30};      ///< for one call to the provider; 1 s to 1 h
  std::string owner;  ///< whom a new token has to belong to; empty: whoever the old one did
  std::map<std::string, std::string> settings;  ///< for the provider; no secrets
  std::map<std::string, std::string>
      secrets;  ///< further tokens it needs: its word for one, and the name here
};

/// Errors: refused, with the rule that `policy` breaks: spans above 10 years, texts too long or with control
/// characters, more than 32 settings or 8 secrets.
TOKENVAULT_API Status check_policy(const Policy& policy);

}  // namespace tokenvault
