#include "rotation/entry_rotation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/mutant.hpp"
#include "rotation/advice.hpp"
#include "rotation/back_off.hpp"
#include "rotation/holder.hpp"
#include "rotation/line.hpp"
#include "rotation/span.hpp"

namespace tokenvault::rotation {
namespace {

/// A call is given that much more than its own time-out before its caller is taken for gone.
constexpr std::chrono::seconds kCallMargin{10};
constexpr std::size_t kRoomForObligations = 8;
constexpr std::uint32_t kRoomForVersions = 8;

bool begins(Act act, const State& before, const State& after) {
  return act == Act::start && after.phase == Phase::intent &&
         (!is_open(before.phase) || before.phase == Phase::retiring);
}

/// Not so with a call alone: it is what comes to nothing.
bool gets_on(Act act, const State& after) {
  return !is_open(after.phase) || act == Act::start || act == Act::received || act == Act::promote ||
         act == Act::revoked || act == Act::discard || act == Act::accept ||
         (act == Act::probed && after.phase == Phase::verified);
}

}  // namespace

Result<EntryRotation> EntryRotation::of(Draft& draft, format::Entry& entry, const Circumstances& around) {
  EntryRotation made(draft, entry, around);
  const auto field = entry.field(format::FieldTag::rotation);
  TV_TRY(made.rotation_, format::decode_rotation(field));
  made.before_.assign(field.begin(), field.end());
  made.versions_before_ = entry.versions.size();
  TV_TRY(auto policy, format::policy_of(entry));
  made.policy_ = std::move(policy).value_or(Policy{});
  rebase(made.rotation_.span, *around.clock);
  return made;
}

State EntryRotation::state() const {
  State state;
  state.phase = rotation_.phase;
  const auto* fresh = rotation_.new_version != 0 ? entry_->find(rotation_.new_version) : nullptr;
  state.has_new = fresh != nullptr && fresh->stage == Stage::pending;
  state.asks = rotation_.asks;
  state.owes = std::ranges::any_of(rotation_.obligations, &Obligation::ours);
  state.rejections = rotation_.rejections;
  return state;
}

std::chrono::seconds EntryRotation::grace() const {
  const auto& provider = around_->provider;
  if (provider.old == OldToken::dies) return std::chrono::seconds(0);
  if (provider.old == OldToken::kept || provider.overlap.count() == 0) return policy_.grace;
  return policy_.grace.count() == 0 ? provider.overlap : std::min(policy_.grace, provider.overlap);
}

Terms EntryRotation::terms() const {
  const auto& provider = around_->provider;
  Terms terms;
  terms.issue = provider.issue;
  terms.old = provider.old;
  terms.find = provider.find && provider.revoke;
  terms.revoke = provider.revoke;
  terms.probe = provider.probe;
  terms.grace = grace().count() > 0;
  terms.settled = is_over(rotation_.span, *around_->clock);
  terms.holder_lives = may_live(rotation_.holder, around_->run, rotation_.span, *around_->clock);
  return terms;
}

/// Whether what was learnt is about the rotation as it is now, and not about one that others took further.
bool EntryRotation::concerns(const Happening& happening) const {
  if (!mutated("concerns.rotation") && happening.rotation && *happening.rotation != rotation_.id)
    return false;
  switch (happening.event.act) {
    case Act::refused:
    case Act::lost:
    case Act::swept: return mutated("concerns.holder") || rotation_.holder.run == around_->run;
    case Act::probed:
      return mutated("concerns.version") || rotation_.phase == Phase::retiring ||
             happening.version == rotation_.new_version;
    default: return true;
  }
}

Result<Outcome> EntryRotation::apply(const Happening& happening) {
  if (happening.theirs)
    for (auto& owed : rotation_.obligations) owed.ours = true;
  const bool closed = rotation_.phase == Phase::done && rotation_.span.length != 0;
  if (closed && is_over(rotation_.span, *around_->clock)) forget_ended();
  const auto before = state();
  auto event = happening.event;
  if (event.act == Act::take_up && before.phase == Phase::promoted &&
      is_over(rotation_.span, *around_->clock))
    event.act = Act::grace_over;
  const auto move = concerns(happening) ? advance(before, event, terms()) : Move{};
  if (!move.allowed) {
    if (event.act == Act::received && !mutated("late.kept")) TV_CHECK(put_aside(*happening.value));
    return Outcome{false, effect_of(before, terms()), before};
  }
  if (begins(event.act, before, move.state)) {
    TV_CHECK(begin());
  } else {
    TV_CHECK(carry_out(event.act, happening, move.state));
  }
  rotation_.phase = move.state.phase;
  rotation_.asks = move.state.asks;
  rotation_.rejections = move.state.rejections;
  if (gets_on(event.act, move.state)) rotation_.attempts = 0, rotation_.next_try = 0;
  tell(happening, before, move);
  return settle(event.act, move);
}

/// The machine was told of what was owed before the event; what is left is known only now.
Outcome EntryRotation::settle(Act act, const Move& move) {
  const bool owing =
      act == Act::revoked || act == Act::waived || act == Act::grace_over || act == Act::promote;
  if (!owing) return Outcome{true, move.effect, state()};
  const bool owes = state().owes;
  if (rotation_.phase == Phase::retiring && !owes) rotation_.phase = Phase::done;
  if (rotation_.phase == Phase::done && owes && around_->provider.revoke && act != Act::waived)
    rotation_.phase = Phase::retiring;
  if (rotation_.phase == Phase::done) rotation_.asks = false;
  if (act == Act::revoked && rotation_.phase == Phase::retiring)
    return Outcome{true, Effect::revoke, state()};
  return Outcome{true, effect_of(state(), terms()), state()};
}

std::chrono::seconds EntryRotation::call_length() const {
  const int calls = looks_first(around_->provider) ? 2 : 1;
  return policy_.timeout * calls + kCallMargin;
}

Status EntryRotation::carry_out(Act act, const Happening& happening, const State& next) {
  const auto& clock = *around_->clock;
  switch (act) {
    case Act::call:
    case Act::claim:
      rotation_.holder = this_process(around_->run);
      rotation_.span = begin_span(clock, call_length());
      return Ok{};
    case Act::take_up:
    case Act::lost:
      learn(happening);
      if (rotation_.phase != Phase::issuing || next.phase != Phase::uncertain) return Ok{};
      rotation_.holder = {};
      rotation_.span = begin_span(clock, around_->provider.propagation);
      return Ok{};
    case Act::refused:
    case Act::swept:
    case Act::discard: rotation_.holder = {}; return Ok{};
    case Act::received: return take_in(happening);
    case Act::probed:
      if (rotation_.holder.run == around_->run) rotation_.holder = {};
      learn(happening);
      return Ok{};
    case Act::objected: learn(happening); return Ok{};
    case Act::accept: rotation_.overridden = true; return Ok{};
    case Act::promote: return promote();
    case Act::grace_over: end_grace(); return Ok{};
    case Act::revoked:
    case Act::waived: drop(happening.version, happening.id); return Ok{};
    case Act::abort:
    case Act::force_abort: return leave_aside();
    default: return Ok{};
  }
}

Status EntryRotation::begin() {
  if (!mutated("begin.listed") && (!entry_->listed() || entry_->find(Stage::current) == nullptr))
    return Error(Errc::not_found,
                 "token " + entry_->name + " has no value that could be rotated: put one first");
  if (!mutated("begin.room") && rotation_.obligations.size() + kRoomForObligations > format::kMaxObligations)
    return Error(Errc::needs_human,
                 "token " + entry_->name +
                     " has too many old tokens that may still be good: `tokenvault rotate status " +
                     entry_->name + "` says how to end or waive them");
  if (!mutated("begin.numbers") && entry_->last > ~std::uint32_t{0} - kRoomForVersions)
    return Error(Errc::refused,
                 "token " + entry_->name +
                     " has no version number left for a new token, which would come and be lost");
  if (!mutated("begin.one_previous") && around_->provider.one_previous && !rotation_.obligations.empty())
    return Error(Errc::needs_human, "the provider keeps one old token at most, and one of " + entry_->name +
                                        " may still be in use: `tokenvault rotate status " + entry_->name +
                                        "` says how to end or waive it");
  format::Rotation fresh;
  fresh.made = std::move(rotation_.made);
  fresh.obligations = std::move(rotation_.obligations);
  fresh.owner = std::move(rotation_.owner);
  rotation_ = std::move(fresh);
  around_->random(std::as_writable_bytes(std::span(rotation_.id)));
  rotation_.old_version = entry_->find(Stage::current)->number;
  rotation_.started = draft_->now();
  return Ok{};
}

void EntryRotation::wait_longer(const Happening& happening) {
  const auto span = back_off_span(rotation_.attempts, happening.retry_after, around_->random);
  if (rotation_.attempts < 0xFFFF) ++rotation_.attempts;
  rotation_.next_try = draft_->now() + static_cast<std::uint64_t>(span.count());
}

void EntryRotation::tell(const Happening& happening, const State& before, const Move& move) {
  const auto act = happening.event.act;
  // The look at the old token after a refusal: that has said when to come again, and in better words.
  if (act == Act::probed && move.state.phase == Phase::intent && !move.state.asks) return;
  // Whoever only comes along has learnt nothing that the note does not say better.
  const bool comes_along = act == Act::take_up || act == Act::start;
  if (comes_along && move.state == before && !rotation_.note.empty()) return;
  const bool learnt =
      act == Act::refused || act == Act::lost || act == Act::not_revoked || act == Act::probed;
  if (act == Act::lost || act == Act::refused || (learnt && move.effect == Effect::wait))
    wait_longer(happening);
  const auto advice = advice_for(entry_->name, move.state, happening.event);
  // What was said of a grace is no longer so when that is over.
  const bool grace_ended = before.phase == Phase::promoted && move.state.phase != Phase::promoted;
  if (advice.empty() && !learnt && act == Act::take_up && !grace_ended) return;
  rotation_.note = advice;
  if (!happening.message.empty() && !advice.empty())
    rotation_.note += (act == Act::objected ? " (" : " (it says: ") + happening.message + ")";
  rotation_.note = line_of(rotation_.note, {}, format::kMaxNoteSize);
}

bool EntryRotation::store() {
  auto bytes = format::encode_rotation(rotation_);
  if (bytes == before_ && entry_->versions.size() == versions_before_) return false;
  rotation_.changed = draft_->now();
  entry_->set_field(format::FieldTag::rotation, format::encode_rotation(rotation_));
  return true;
}

}  // namespace tokenvault::rotation
