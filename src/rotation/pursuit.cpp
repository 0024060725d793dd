#include "rotation/pursuit.hpp"

#include <fmt/format.h>

#include "crypto/random.hpp"

namespace tokenvault::rotation {
namespace {

/// More turns than any path through the machine takes; others may keep moving the rotation meanwhile.
constexpr int kMostTurns = 64;

/// A provider whose answers are lost is asked once more at once, and then after a while.
constexpr int kMostIssues = 2;

bool is_current(Phase phase) {
  return phase == Phase::promoted || phase == Phase::retiring || phase == Phase::done;
}

}  // namespace

Pursuit::Pursuit(Vault& vault, std::string name, Provider& provider, RotatorOptions options)
    : vault_(&vault),
      name_(std::move(name)),
      provider_(&provider),
      options_(std::move(options)),
      calls_(vault, name_, provider) {
  around_.random = options_.random ? options_.random : crypto::random_fill;
  around_.clock = &VaultAccess::of(vault).clock();
  around_.random(around_.run);
}

void Pursuit::say(std::string_view what) const {
  if (options_.progress) options_.progress(fmt::format("{}: {}", name_, what));
}

Status Pursuit::describe() {
  if (described_) return Ok{};
  TV_TRY(auto declared, provider_->describe());
  TV_CHECK(check_capabilities(declared));
  around_.provider = std::move(declared);
  described_ = true;
  return Ok{};
}

/// Contacts nobody; a provider that cannot say what it is is not worked with.
Status Pursuit::ready() {
  TV_CHECK(describe());
  TV_CHECK(look());
  return calls_.gather(policy_);
}

/// For what must go on without a provider too. The least is assumed of one that cannot be described, and one that
/// misses a secret will not answer.
Status Pursuit::ready_without_provider() {
  // Nothing may be taken for ended that lives on.
  if (!describe()) around_.provider.old = OldToken::kept;
  TV_CHECK(look());
  static_cast<void>(calls_.gather(policy_));
  return Ok{};
}

/// A new call begins, with the entry as it is now.
Status Pursuit::look() {
  tried_.clear();
  issues_ = 0;
  old_owner_.clear();
  TV_TRY(const auto entry, VaultAccess::of(*vault_).entry(name_));
  TV_TRY(seen_, format::rotation_of(entry));
  TV_TRY(auto policy, format::policy_of(entry));
  policy_ = std::move(policy).value_or(Policy{});
  if (facts_of_ != seen_.id) facts_ = {};
  return Ok{};
}

/// What follows by itself, in the same commit.
std::optional<Act> Pursuit::following(Effect effect, Goal goal) const {
  if (effect == Effect::call && goal != Goal::begun && issues_ < kMostIssues) return Act::call;
  if (effect == Effect::promote && (goal == Goal::promoted || goal == Goal::settled)) return Act::promote;
  return std::nullopt;
}

Result<Outcome> Pursuit::commit(const Happening& happening, Goal goal) {
  Outcome outcome;
  TV_CHECK(VaultAccess::of(*vault_).change_entry(name_, [&](Draft& draft, format::Entry& entry) -> Status {
    TV_TRY(auto rotation, EntryRotation::of(draft, entry, around_));
    TV_TRY(outcome, rotation.apply(happening));
    for (auto act = following(outcome.effect, goal); act; act = following(outcome.effect, goal)) {
      // A promotion follows what was learnt in this very commit, or what a person asks for, and nothing else.
      if (*act == Act::promote && !outcome.allowed) break;
      TV_TRY(const auto next, rotation.apply(Happening{.event = {*act}}));
      if (!next.allowed) break;
      outcome = {outcome.allowed, next.effect, next.state};
    }
    if (!rotation.store()) draft.give_up();
    seen_ = rotation.rotation();
    return Ok{};
  }));
  return outcome;
}

Happening Pursuit::about(Act act) const {
  Happening happening;
  happening.event.act = act;
  happening.rotation = seen_.id;
  happening.version = seen_.new_version;
  return happening;
}

std::string Pursuit::made_id(std::uint32_t version) const {
  const auto* made = seen_.find_made(version);
  return made != nullptr ? made->id : std::string();
}

Result<RotationInfo> Pursuit::status() const {
  TV_TRY(const auto entry, VaultAccess::of(*vault_).entry(name_));
  TV_TRY(const auto rotation, format::rotation_of(entry));
  return describe_rotation(name_, rotation);
}

bool Pursuit::is_reached(const Outcome& outcome, Goal goal) const {
  const auto phase = outcome.state.phase;
  switch (goal) {
    case Goal::begun: return is_open(phase);
    case Goal::received: return outcome.state.has_new || is_current(phase);
    case Goal::verified: return phase == Phase::verified || is_current(phase);
    case Goal::promoted: return phase == Phase::promoted || phase == Phase::done;
    case Goal::settled: return !is_open(phase) && outcome.effect == Effect::none;
  }
  return false;
}

Result<RotationInfo> Pursuit::go_to(Act first, Goal goal) {
  TV_CHECK(ready());
  TV_TRY(const auto outcome, commit(Happening{.event = {first}}, goal));
  return go_on(outcome, goal);
}

Result<RotationInfo> Pursuit::go_on(Outcome outcome, Goal goal) {
  for (int turn = 0; turn < kMostTurns; ++turn) {
    if (is_reached(outcome, goal)) return status();
    switch (outcome.effect) {
      case Effect::call: {
        if (issues_ == kMostIssues) return stop({true, Effect::wait, outcome.state}, goal);
        TV_TRY(outcome, commit(Happening{.event = {Act::call}}, goal));
        break;
      }
      case Effect::issue: {
        TV_TRY(outcome, issue(goal));
        break;
      }
      case Effect::probe_new:
      case Effect::probe_both: {
        TV_TRY(outcome, outcome.state.phase == Phase::retiring
                            ? probe_current(goal)
                            : probe(outcome.effect == Effect::probe_both, goal));
        break;
      }
      case Effect::promote: {
        TV_TRY(outcome, promote(goal));
        break;
      }
      case Effect::sweep: {
        TV_TRY(outcome, sweep(goal));
        break;
      }
      case Effect::revoke: {
        TV_TRY(outcome, revoke(goal));
        break;
      }
      default: return stop(outcome, goal);
    }
  }
  return Error(Errc::unavailable, "others keep changing the rotation of " + name_ + ": try again");
}

/// Nothing more can be done now. That may be all that was wanted.
Result<RotationInfo> Pursuit::stop(const Outcome& outcome, Goal goal) {
  TV_TRY(auto info, status());
  const auto phase = outcome.state.phase;
  const bool current = goal != Goal::settled && is_current(phase);
  if (current || phase == Phase::promoted || outcome.effect == Effect::none) return info;
  const auto line = fmt::format("{} is {}: {}", name_, to_string(phase), info.note);
  switch (outcome.effect) {
    case Effect::ask: return Error(Errc::needs_human, line);
    case Effect::busy:
      return Error(
          Errc::unavailable,
          fmt::format("another process (pid {}) is asking the provider for {}: try again when it is done",
                      seen_.holder.pid, name_));
    default: return Error(Errc::unreachable, line);
  }
}

}  // namespace tokenvault::rotation
