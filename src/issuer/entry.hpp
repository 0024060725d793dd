#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "tokenvault/issuer.hpp"

namespace tokenvault::issuer {

/// A row of the database: what a list shows of it, and what only decisions need.
struct Entry {
  TokenRow row;
  std::optional<Time> lapses;                    ///< with a predecessor: when it ends if it was not used
  std::optional<std::chrono::seconds> lifetime;  ///< what its successor gets
  std::string rotation;
};

/// The latest moment there is: the end of the year 9999, as RFC 3339 can write it.
inline constexpr Time kLatest{std::chrono::seconds(253402300799)};

IssuedState state_of(const Entry& entry, Time now) noexcept;

/// For whoever has shown the right secret.
Decision decide(const Entry& entry, std::string_view scope, Time now);

}  // namespace tokenvault::issuer
