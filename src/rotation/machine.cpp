#include "rotation/machine.hpp"

#include "core/mutant.hpp"

namespace tokenvault::rotation {
namespace {

constexpr std::uint8_t kMostRejections = 2;

Move go(State state, Effect effect) noexcept { return {true, state, effect}; }
Move stay(const State& state, Effect effect) noexcept { return {true, state, effect}; }
Move no(const State& state) noexcept { return {false, state, Effect::none}; }

State in(State state, Phase phase) noexcept {
  state.phase = phase;
  state.asks = false;
  return state;
}

State asking(State state, Phase phase) noexcept {
  state.phase = phase;
  state.asks = true;
  return state;
}

bool owes_now(const State& state, const Terms& terms) noexcept { return state.owes && terms.revoke; }

/// How to see that the token in use is good before another is ended.
Effect look_at_current(const Terms& terms) noexcept {
  return terms.probe ? Effect::probe_new : Effect::revoke;
}

/// The provider may have made a token: have the same one again where that is promised, else ask it what it thinks
/// of the old one, or a person where it cannot tell.
Move unsure(const State& state, const Terms& terms) noexcept {
  if (terms.issue == Issue::replay_safe && !state.has_new)
    return go(in(state, Phase::uncertain), Effect::call);
  if (terms.probe) return go(in(state, Phase::uncertain), Effect::probe_both);
  return go(asking(state, Phase::uncertain), Effect::ask);
}

/// After the old token's end, or where there is nothing to wait for.
Move retire_or_end(const State& state, const Terms& terms) noexcept {
  if (owes_now(state, terms)) return go(in(state, Phase::retiring), look_at_current(terms));
  return go(in(state, Phase::done), Effect::none);
}

/// Also of one that was given up in its grace.
Move grace_over(const State& state, const Terms& terms) noexcept {
  const bool owed = !is_open(state.phase) && owes_now(state, terms);
  return state.phase == Phase::promoted || owed ? retire_or_end(state, terms) : no(state);
}

/// What was begun with another provider, and that this one cannot go on with: a person is told so, and what cannot
/// be ended is owed on.
Move take_over(const State& state, const Terms& terms) noexcept {
  const bool lacks_bringer = state.phase == Phase::intent && terms.issue == Issue::human;
  const bool lacks_verdict = state.phase == Phase::staged && !terms.probe;
  if (lacks_bringer || lacks_verdict) return go(asking(state, state.phase), Effect::ask);
  if (state.phase == Phase::retiring && !terms.revoke) return go(in(state, Phase::done), Effect::none);
  return stay(state, effect_of(state, terms));
}

Move take_up(const State& state, const Terms& terms) noexcept {
  const bool doubted = state.phase == Phase::issuing || state.phase == Phase::uncertain;
  if (doubted && !state.asks && !terms.holder_lives) return unsure(state, terms);
  // Given up in its grace, the old token keeps what is left of that.
  if (!is_open(state.phase) && owes_now(state, terms) && terms.settled)
    return go(in(state, Phase::retiring), look_at_current(terms));
  return state.asks ? stay(state, Effect::ask) : take_over(state, terms);
}

/// Nothing was made so far: it is asked for.
Move ask_for_one(const State& state, const Terms& terms) noexcept {
  if (terms.issue == Issue::human) return go(asking(state, Phase::intent), Effect::ask);
  return go(in(state, Phase::intent), Effect::call);
}

Move start(const State& state, const Terms& terms) noexcept {
  // One that only waits for a revocation does not keep the next from beginning: what is owed comes along.
  if (is_open(state.phase) && state.phase != Phase::retiring) return take_up(state, terms);
  State begun;
  begun.owes = state.owes;
  return ask_for_one(begun, terms);
}

/// Whether one more call leaves no second token that lives on and that nobody knows.
bool may_repeat(const Terms& terms) noexcept {
  return mutated("machine.again") || terms.issue == Issue::replay_safe || terms.old == OldToken::dies;
}

Move call(const State& state, const Terms& terms) noexcept {
  const bool again = state.phase == Phase::uncertain && !state.has_new && !state.asks && may_repeat(terms);
  if (state.phase != Phase::intent && !again) return no(state);
  if (terms.issue == Issue::human || (!mutated("machine.call") && terms.holder_lives)) return no(state);
  return go(in(state, Phase::issuing), Effect::issue);
}

/// A token that comes while no place is free for it is kept aside: that is for the caller to do.
Move received(const State& state, const Terms& terms) noexcept {
  const bool awaited =
      state.phase == Phase::intent || state.phase == Phase::issuing || state.phase == Phase::uncertain;
  if (!awaited || (state.has_new && !mutated("machine.received"))) return no(state);
  auto next = in(state, Phase::staged);
  next.has_new = true;
  next.rejections = 0;
  next.asks = !terms.probe;
  return go(next, terms.probe ? Effect::probe_new : Effect::ask);
}

/// Only the old token is there: whether a new one was made is told by what the provider says of the old.
Move probed_old(const State& state, Opinion old, const Terms& terms) noexcept {
  if (old == Opinion::unknown || old == Opinion::none) return stay(state, Effect::wait);
  if (terms.issue == Issue::replay_safe) return go(in(state, Phase::uncertain), Effect::call);
  // Never ask for a token with a dead one: some providers take that for theft, and end all of them.
  if (old == Opinion::invalid && !mutated("machine.dead"))
    return go(asking(state, Phase::uncertain), Effect::ask);
  // A program asked, and the policy was changed to a person since.
  if (terms.issue == Issue::human) return go(asking(state, Phase::uncertain), Effect::ask);
  if (terms.old == OldToken::dies)
    return go(in(state, Phase::uncertain), terms.settled ? Effect::call : Effect::wait);
  if (terms.find) return go(in(state, Phase::uncertain), Effect::sweep);
  return go(asking(state, Phase::uncertain), Effect::ask);
}

/// One reason for it is worth a person's time at once: a token in use that is dead.
Move refused(const State& state, Opinion old, const Terms& terms) noexcept {
  if (state.phase != Phase::issuing) return no(state);
  if (old == Opinion::invalid) return go(asking(state, Phase::intent), Effect::ask);
  const bool look = terms.probe && old == Opinion::none;
  return go(in(state, Phase::intent), look ? Effect::probe_both : Effect::wait);
}

Move rejected(const State& state, const Terms& terms) noexcept {
  auto next = state;
  next.phase = Phase::staged;  // whatever was known of it before
  if (!terms.settled) return go(next, Effect::wait);
  if (next.rejections < kMostRejections) ++next.rejections;
  if (next.rejections < kMostRejections) return go(next, Effect::wait);
  return go(asking(next, Phase::staged), Effect::ask);
}

Move probed_new(const State& state, const Event& event, const Terms& terms) noexcept {
  if ((mutated("machine.valid") || event.fresh == Opinion::valid) && event.old != Opinion::unknown)
    return go(in(state, Phase::verified), Effect::promote);
  if (event.fresh != Opinion::invalid || event.old == Opinion::unknown) return stay(state, Effect::wait);
  if (event.old == Opinion::none) return stay(state, Effect::probe_both);
  if (event.old == Opinion::valid) return rejected(state, terms);
  return go(asking(state, Phase::uncertain), Effect::ask);
}

Move probed_current(const State& state, Opinion current) noexcept {
  if (current == Opinion::valid || mutated("machine.current"))
    return go(in(state, Phase::retiring), Effect::revoke);
  if (current == Opinion::invalid) return go(asking(state, Phase::retiring), Effect::ask);
  return stay(state, Effect::wait);
}

Move probed(const State& state, const Event& event, const Terms& terms) noexcept {
  switch (state.phase) {
    case Phase::intent:
      return event.old == Opinion::invalid ? go(asking(state, Phase::intent), Effect::ask)
                                           : stay(state, Effect::wait);
    case Phase::uncertain:
      return state.has_new ? probed_new(state, event, terms) : probed_old(state, event.old, terms);
    case Phase::staged:
    case Phase::verified: return probed_new(state, event, terms);
    case Phase::retiring: return probed_current(state, event.fresh);
    default: return no(state);
  }
}

Move promote(const State& state, const Terms& terms) noexcept {
  if (!mutated("machine.promote") && (state.phase != Phase::verified || !state.has_new)) return no(state);
  auto next = state;
  next.has_new = false;
  next.rejections = 0;
  if (terms.old != OldToken::dies && terms.grace && !mutated("machine.grace"))
    return go(in(next, Phase::promoted), Effect::wait);
  return retire_or_end(next, terms);
}

bool has_new_open(const State& state) noexcept {
  return state.has_new &&
         (state.phase == Phase::staged || state.phase == Phase::verified || state.phase == Phase::uncertain);
}

Move abort(const State& state, const Event& event, const Terms& terms) noexcept {
  const bool forced = event.act == Act::force_abort;
  auto next = state;
  next.has_new = false;
  next.rejections = 0;
  switch (state.phase) {
    case Phase::intent: return go(in(next, Phase::aborted), Effect::none);
    case Phase::issuing:
      if (terms.holder_lives && !forced && !mutated("machine.abort_busy")) return no(state);
      return go(in(next, Phase::aborted), Effect::none);
    case Phase::uncertain:
    case Phase::staged:
    case Phase::verified:
      if (!mutated("machine.abort_good") && state.has_new && !forced && event.fresh == Opinion::valid &&
          event.old == Opinion::invalid)
        return no(state);
      return go(in(next, Phase::aborted), Effect::none);
    case Phase::promoted:
    case Phase::retiring: return go(in(next, Phase::done), Effect::none);
    default: return no(state);
  }
}

Move waived(const State& state) noexcept {
  if (state.phase == Phase::retiring && !state.owes) return go(in(state, Phase::done), Effect::none);
  return stay(state, Effect::none);
}

}  // namespace

Effect effect_of(const State& state, const Terms& terms) noexcept {
  if (state.asks) return Effect::ask;
  switch (state.phase) {
    case Phase::idle:
    case Phase::done:
    case Phase::aborted: return Effect::none;
    case Phase::intent: return terms.issue == Issue::human ? Effect::ask : Effect::call;
    case Phase::issuing: return terms.holder_lives ? Effect::busy : unsure(state, terms).effect;
    case Phase::uncertain: return terms.holder_lives ? Effect::busy : unsure(state, terms).effect;
    case Phase::staged: return terms.probe ? Effect::probe_both : Effect::ask;
    case Phase::verified: return Effect::promote;
    case Phase::promoted: return Effect::wait;
    case Phase::retiring: return look_at_current(terms);
  }
  return Effect::none;
}

Move advance(const State& state, const Event& event, const Terms& terms) noexcept {
  switch (event.act) {
    case Act::start: return start(state, terms);
    case Act::take_up: return take_up(state, terms);
    case Act::call: return call(state, terms);
    case Act::received: return received(state, terms);
    case Act::refused: return refused(state, event.old, terms);
    case Act::lost: return state.phase == Phase::issuing ? unsure(state, terms) : no(state);
    case Act::probed: return probed(state, event, terms);
    case Act::objected:
      return has_new_open(state) ? go(asking(state, Phase::staged), Effect::ask) : no(state);
    case Act::accept:
      return has_new_open(state) ? go(in(state, Phase::verified), Effect::promote) : no(state);
    case Act::promote: return promote(state, terms);
    case Act::grace_over: return grace_over(state, terms);
    case Act::revoked:
      if (state.phase != Phase::retiring) return no(state);
      return state.owes && !mutated("machine.revoked") ? stay(state, Effect::revoke)
                                                       : go(in(state, Phase::done), Effect::none);
    case Act::not_revoked: return state.phase == Phase::retiring ? stay(state, Effect::wait) : no(state);
    case Act::claim:
      if (state.phase != Phase::uncertain || state.has_new || state.asks ||
          (terms.holder_lives && !mutated("machine.claim")))
        return no(state);
      return stay(state, Effect::sweep);
    case Act::swept:
    case Act::discard:
      return state.phase == Phase::uncertain && !state.has_new ? ask_for_one(state, terms) : no(state);
    case Act::abort:
    case Act::force_abort: return abort(state, event, terms);
    case Act::waived: return waived(state);
  }
  return no(state);
}

}  // namespace tokenvault::rotation
