#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/clock.hpp"

namespace tokenvault {

/// How far a token's rotation has come. The numbers are those of docs/format.md.
enum class Phase : std::uint8_t {
  idle = 0,       ///< never begun
  intent = 1,     ///< begun; no provider has been asked
  issuing = 2,    ///< a provider is being asked, or was when its caller died
  staged = 3,     ///< the new token is sealed, and not yet known to be good
  verified = 4,   ///< it is good
  promoted = 5,   ///< it is current; the old one is in its grace
  retiring = 6,   ///< the old one is to be revoked
  uncertain = 7,  ///< the provider may have made a token that we never got
  done = 8,
  aborted = 9,
};

/// "idle", "intent", ... Static storage.
[[nodiscard]] TOKENVAULT_API std::string_view to_string(Phase phase) noexcept;

/// Between a rotation's beginning and its end: a second one cannot begin.
[[nodiscard]] constexpr bool is_open(Phase phase) noexcept {
  return phase != Phase::idle && phase != Phase::done && phase != Phase::aborted;
}

/// A token that may still be good at the provider although we do not use it any more.
struct Obligation {
  std::uint32_t version = 0;  ///< 0: one that we never got, made under rotation `id`
  Time since{};
  std::string id;     ///< the provider's; may be empty
  bool ours = false;  ///< made by a rotation: only such a one is revoked unasked
};

/// Where the rotation of one token stands. No value in it.
struct RotationInfo {
  std::string name;
  Phase phase = Phase::idle;
  std::string id;                 ///< of the rotation: 22 letters and digits; empty when idle
  std::uint32_t old_version = 0;  ///< what was current when it began
  std::uint32_t new_version = 0;  ///< 0 until a new token was received
  Time started{}, changed{};
  std::optional<Time> next_try;  ///< not before then, by itself
  std::uint32_t attempts = 0;    ///< calls that came to nothing, in a row
  bool asks = false;             ///< it waits for a person: `note` says for what
  bool overridden = false;       ///< a person had it promoted unverified
  std::string owner;             ///< whom the tokens belong to, where the provider says
  std::string note;              ///< one line: what happened last and what to do
  std::vector<Obligation> obligations;

  [[nodiscard]] bool open() const noexcept { return is_open(phase); }
};

}  // namespace tokenvault
