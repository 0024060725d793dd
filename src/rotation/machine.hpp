#pragma once
#include <cstdint>

#include "tokenvault/provider.hpp"
#include "tokenvault/rotation_info.hpp"

/// What a rotation does next, as a function of what is known and nothing else: no clock, no store, no provider.
namespace tokenvault::rotation {

/// What of a rotation decides.
struct State {
  Phase phase = Phase::idle;
  bool has_new = false;  ///< a new token is sealed and pending
  bool asks = false;     ///< a person has to act
  bool owes = false;     ///< a version is to be revoked by us
  std::uint8_t rejections = 0;
  bool operator==(const State&) const = default;
};

/// What the provider declares, and what the time is good for.
struct Terms {
  Issue issue = Issue::human;
  OldToken old = OldToken::dies;
  bool find = false;
  bool revoke = false;
  bool probe = true;
  bool grace = false;         ///< the old token is to live on for a while
  bool settled = true;        ///< the provider's own delay since the last call is over
  bool holder_lives = false;  ///< whoever is asking the provider may still be at it
};

enum class Act : std::uint8_t {
  start,       ///< somebody wants the token rotated
  take_up,     ///< somebody comes along
  call,        ///< the provider is going to be asked for a new token
  received,    ///< a token came, and is being sealed as pending
  refused,     ///< the provider did nothing; `old`: what it thinks of the token in use
  lost,        ///< it may have done something
  probed,      ///< it was asked what it thinks of the tokens
  objected,    ///< the new token cannot be promoted whatever the provider says of it
  accept,      ///< a person takes the new token on trust
  promote,     ///< the new token is to be the current one
  grace_over,  ///< or a person ends it
  revoked,     ///< one token of those owed is gone
  not_revoked,
  claim,    ///< nobody else may ask the provider until that is done
  swept,    ///< what the rotation may have made unseen is gone
  discard,  ///< a person says so
  abort,
  force_abort,
  waived,  ///< a person takes an obligation away
};
inline constexpr int kActs = static_cast<int>(Act::waived) + 1;

/// `none`: not asked.
enum class Opinion : std::uint8_t { none, valid, invalid, unknown };

struct Event {
  Act act = Act::take_up;
  Opinion old = Opinion::none;
  Opinion fresh = Opinion::none;
};

enum class Effect : std::uint8_t {
  none,        ///< nothing is left to do
  call,        ///< note that the provider is going to be asked
  issue,       ///< ask it, now that this is noted
  probe_new,   ///< of the new token, or of the current one when retiring
  probe_both,  ///< of the old one, and of the new one where there is one
  promote,
  sweep,   ///< find and revoke what the rotation may have made
  revoke,  ///< one token that is owed
  wait,    ///< later
  busy,    ///< somebody else is asking the provider
  ask,     ///< a person
};

struct Move {
  bool allowed = false;
  State state;
  Effect effect = Effect::none;
};

/// What becomes of `state`, and what to do then. A move that is not allowed changes nothing.
[[nodiscard]] Move advance(const State& state, const Event& event, const Terms& terms) noexcept;

/// What to do in `state` for somebody who knows nothing but it.
[[nodiscard]] Effect effect_of(const State& state, const Terms& terms) noexcept;

}  // namespace tokenvault::rotation
