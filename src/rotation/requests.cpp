// What a person or a program asks of a rotation, beyond going on with it.
#include <fmt/format.h>

#include <algorithm>

#include "rotation/pursuit.hpp"

namespace tokenvault::rotation {
namespace {

bool is_before_promotion(Phase phase) {
  return is_open(phase) && phase != Phase::promoted && phase != Phase::retiring;
}

bool is_promoted(Phase phase) { return phase == Phase::promoted || phase == Phase::retiring; }

Error nothing_new(const std::string& name) {
  return {Errc::conflict,
          fmt::format("the rotation of {} has no new token: `tokenvault rotate status {}`", name, name)};
}

}  // namespace

/// What only waits for an old token's end is no obstacle; what is open before that is taken up instead.
Result<RotationInfo> Pursuit::rotate() {
  TV_CHECK(ready());
  TV_TRY(auto outcome, commit(Happening{.event = {Act::take_up}}, Goal::begun));
  const auto phase = outcome.state.phase;
  if (!is_open(phase) || phase == Phase::retiring) {
    TV_TRY(outcome, commit(Happening{.event = {Act::start}}, Goal::promoted));
  }
  return go_on(outcome, Goal::promoted);
}

Result<RotationInfo> Pursuit::stage(const SecretBuffer& value) {
  if (value.empty()) return Error(Errc::refused, "an empty value is no token");
  TV_CHECK(ready_without_provider());
  if (!is_open(seen_.phase) || seen_.phase == Phase::retiring) {
    TV_CHECK(commit(Happening{.event = {Act::start}}, Goal::begun));
  }
  const auto last = seen_.new_version;
  TV_TRY(const auto outcome, commit(Happening{.event = {Act::received}, .value = &value}, Goal::begun));
  if (outcome.allowed || seen_.new_version != last) return status();
  return Error(Errc::conflict,
               fmt::format("the rotation of {} awaits no token ({}); this one is kept aside, unless it is "
                           "known: see `tokenvault history {}`",
                           name_, to_string(seen_.phase), name_));
}

/// Asks again even where a person is waited for: that is how one finds out.
Result<RotationInfo> Pursuit::verify() {
  TV_CHECK(ready());
  TV_TRY(auto outcome, commit(Happening{.event = {Act::take_up}}, Goal::begun));
  if (is_reached(outcome, Goal::verified)) return status();
  if (!outcome.state.has_new) return nothing_new(name_);
  if (!around_.provider.probe)
    return Error(
        Errc::needs_human,
        "this provider cannot be asked about a token: see whether it is good, then `tokenvault rotate "
        "promote --unverified " +
            name_ + "`");
  TV_TRY(outcome, probe(true, Goal::verified));
  if (is_reached(outcome, Goal::verified)) return status();
  TV_TRY(const auto info, status());
  const auto line = fmt::format("{} is {}: {}", name_, to_string(info.phase), info.note);
  if (last_.fresh == Opinion::invalid) return Error(Errc::rejected, line);
  return Error(outcome.effect == Effect::ask ? Errc::needs_human : Errc::unreachable, line);
}

Result<RotationInfo> Pursuit::promote_verified() {
  TV_CHECK(ready());
  if (is_promoted(seen_.phase)) return status();
  if (!is_before_promotion(seen_.phase) || seen_.new_version == 0) return nothing_new(name_);
  if (seen_.phase != Phase::verified)
    return Error(
        Errc::conflict,
        fmt::format("the new token of {0} is not known to be good: `tokenvault rotate verify {0}` first",
                    name_));
  TV_TRY(const auto outcome, promote(Goal::begun));
  return promoted_or_fault(outcome);
}

/// On a person's word, which takes the place of the provider's `valid`, and of nothing else.
Result<RotationInfo> Pursuit::accept() {
  TV_CHECK(ready_without_provider());
  if (is_promoted(seen_.phase)) return status();
  if (!is_before_promotion(seen_.phase) || seen_.new_version == 0) return nothing_new(name_);
  std::string old_owner;
  if (described_ && around_.provider.probe) {
    const bool knows_owner = !(policy_.owner + seen_.owner).empty();
    TV_TRY(const auto said, ask(!knows_owner));
    facts_ = said.facts;
    old_owner = said.old_owner;
  }
  TV_TRY(const auto fault, objection(old_owner));
  auto next = about(fault.empty() ? Act::accept : Act::objected);
  next.message = fault;
  next.facts = facts_;
  next.old_owner = old_owner;
  TV_TRY(const auto outcome, commit(next, Goal::promoted));
  return promoted_or_fault(outcome);
}

Result<RotationInfo> Pursuit::promoted_or_fault(const Outcome& outcome) {
  TV_TRY(auto info, status());
  const auto phase = outcome.state.phase;
  if (is_promoted(phase) || phase == Phase::done) return info;
  if (info.new_version == 0) return nothing_new(name_);
  return Error(Errc::refused, fmt::format("{} stays as it is: {}", name_, info.note));
}

Result<RotationInfo> Pursuit::retire(bool theirs) {
  TV_CHECK(ready());
  if (is_before_promotion(seen_.phase))
    return Error(Errc::conflict,
                 fmt::format("the new token of {} is not in use yet: there is nothing to retire", name_));
  Happening over{.event = {Act::grace_over}};
  over.theirs = theirs;
  TV_TRY(auto outcome, commit(over, Goal::settled));
  if (!outcome.allowed) {
    over.event.act = Act::take_up;
    TV_TRY(outcome, commit(over, Goal::settled));
  }
  // Asks again even where a person is waited for: that is how one finds out.
  if (outcome.effect == Effect::ask && outcome.state.phase == Phase::retiring && around_.provider.probe) {
    TV_TRY(outcome, probe_current(Goal::settled));
  }
  return go_on(outcome, Goal::settled);
}

/// Giving up must not depend on whom it is given up with.
Result<RotationInfo> Pursuit::abort(bool force) {
  TV_CHECK(ready_without_provider());
  if (!is_open(seen_.phase)) return status();
  auto next = about(force ? Act::force_abort : Act::abort);
  const bool has_new = is_before_promotion(seen_.phase) && seen_.new_version != 0;
  if (has_new && described_ && around_.provider.probe && !force) {
    TV_TRY(const auto said, ask(true));
    next.event.old = said.old;
    next.event.fresh = said.fresh;
  }
  TV_TRY(const auto outcome, commit(next, Goal::begun));
  if (outcome.allowed || !is_open(outcome.state.phase)) return status();
  if (outcome.effect == Effect::busy) return stop(outcome, Goal::settled);
  return Error(
      Errc::needs_human,
      fmt::format("the provider takes only the new token of {0}: `tokenvault rotate resume {0}` puts it into "
                  "use, `tokenvault rotate abort --force {0}` gives it up all the same",
                  name_));
}

Result<RotationInfo> Pursuit::discard() {
  TV_CHECK(ready_without_provider());
  TV_TRY(const auto outcome, commit(about(Act::discard), Goal::begun));
  if (outcome.allowed) return status();
  return Error(Errc::conflict,
               fmt::format("nothing is uncertain about {}: `tokenvault rotate status {}`", name_, name_));
}

Result<RotationInfo> Pursuit::waive(std::uint32_t version, std::string id) {
  TV_CHECK(ready_without_provider());
  const auto is_meant = [&](const Obligation& owed) { return is_named(owed, version, id); };
  if (std::ranges::none_of(seen_.obligations, is_meant))
    return Error(
        Errc::not_found,
        fmt::format("{} has no such old token: `tokenvault rotate status {}` lists them", name_, name_));
  Happening next{.event = {Act::waived}, .version = version, .id = std::move(id)};
  TV_CHECK(commit(next, Goal::begun));
  return status();
}

}  // namespace tokenvault::rotation
