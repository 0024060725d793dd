#pragma once
#include <mutex>

#include "issuer/verifiers.hpp"

namespace tokenvault::issuer {

/// Sightings of tokens that are not in the database yet. Thread-safe.
class SightingsBoard {
 public:
  /// Whether there is something new to write: a token's use or refusal at least a minute from the last known.
  bool add(const Entry& entry, const Decision& decision, Time now);
  /// Writes them all, or keeps them.
  Status write_to(Verifiers& verifiers);
  /// What a list shows of `entry`.
  TokenRow complete(Entry entry, Time now);

 private:
  std::mutex mutex_;
  Sightings seen_;
};

}  // namespace tokenvault::issuer
