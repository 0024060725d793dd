// The steps of a pursuit that speak to a provider.
#include <fmt/format.h>

#include <algorithm>

#include "core/mutant.hpp"
#include "rotation/pursuit.hpp"
#include "rotation/span.hpp"

namespace tokenvault::rotation {
namespace {

constexpr int kKeepTries = 10;
constexpr std::chrono::milliseconds kFirstKeepWait{50};
constexpr std::chrono::seconds kLongestSettling{120};
constexpr std::chrono::milliseconds kBetweenProbes{1000};

}  // namespace

/// A token that dies when a new one is made: whose it is has to be learnt before, and a dead one must not be asked
/// with, but where that gives the new one again. Something where the provider is not to be asked.
Result<std::optional<Happening>> Pursuit::look_first() {
  say("asking the provider about the current token");
  TV_TRY(const auto old, calls_.value(seen_.old_version));
  const auto answer = calls_.probe(format::id_text(seen_.id), old, made_id(seen_.old_version));
  if (answer.state == TokenState::valid) old_owner_ = answer.owner;
  if (answer.state == TokenState::valid || around_.provider.issue == Issue::replay_safe)
    return std::optional<Happening>();
  auto next = about(Act::refused);
  next.event.old = opinion_of(answer.state);
  next.message = answer.message;
  return std::optional(std::move(next));
}

/// With the caller's claim committed. Whatever else comes, a token that arrives is sealed first.
Result<Outcome> Pursuit::issue(Goal goal) {
  const bool again = around_.provider.issue == Issue::replay_safe && !(policy_.owner + seen_.owner).empty();
  if (looks_first(around_.provider) && !again) {
    TV_TRY(const auto instead, look_first());
    if (instead && !mutated("look_first.dead")) return commit(*instead, goal);
  }
  say("asking the provider for a new token");
  ++issues_;
  const auto rotation = seen_;
  bool kept = false, awaited = false;
  auto answer = calls_.issue(rotation, policy_.grace, [&](SecretBuffer value) -> Status {
    TV_TRY(awaited, keep(value, rotation.id));
    kept = true;
    return Ok{};
  });
  if (kept) {
    say(fmt::format("a new token is sealed as version {}", seen_.new_version));
    // What is told of one that was put aside is not about the one that took its place.
    facts_ = answer && awaited ? Facts{answer->id, answer->owner, answer->expires} : Facts{};
    auto next = about(Act::take_up);
    facts_of_ = rotation.id;
    // What is not probed at once has its facts noted now; else they go with the probe's.
    if (!around_.provider.probe || goal == Goal::received) next.facts = facts_;
    return commit(next, goal);
  }
  auto next = about(Act::lost);
  if (!answer) {
    // The provider was not asked, or a token came and could not be kept: that is to be told, also where the store
    // cannot even note it.
    next.message = answer.error().message();
    static_cast<void>(commit(next, Goal::begun));
    return std::move(answer).error();
  }
  if (answer->reply == Reply::refused) next.event.act = Act::refused;
  next.message = answer->message;
  next.retry_after = answer->retry_after;
  return commit(next, goal);
}

/// Whether the one that the rotation has is `value`.
Result<bool> Pursuit::is_the_new_one(const SecretBuffer& value) {
  if (seen_.new_version == 0) return false;
  TV_TRY(const auto fresh, calls_.value(seen_.new_version));
  return equal_constant_time(fresh, value);
}

/// The store's own words end with what the vault is like, not with what became of the token.
Error Pursuit::lost_for_good(const Error& error) const {
  return Error(
      error.code(),
      fmt::format("the new token of {0} came and is lost, since it could not be sealed: {1}; mend that, then "
                  "`tokenvault rotate resume {0}`",
                  name_, error.message()),
      error.os_error());
}

/// The value exists nowhere else: a store that fails is tried again for a while. Whether it is the one that the
/// rotation goes on with; else it was put aside.
Result<bool> Pursuit::keep(const SecretBuffer& value, const format::Id16& rotation) {
  Happening happening{.event = {Act::received}, .value = &value, .rotation = rotation};
  happening.old_owner = old_owner_;
  std::chrono::nanoseconds wait = kFirstKeepWait;
  for (int left = kKeepTries;; --left) {
    const auto outcome = commit(happening, Goal::begun);  // and nothing else in the same commit
    // A commit that was in doubt may have been made: then this one finds it there.
    if (outcome) return outcome->allowed ? Result<bool>(true) : is_the_new_one(value);
    const auto& error = outcome.error();
    const bool hopeless = error.code() == Errc::forked || error.code() == Errc::not_found;
    if (left == 1 || hopeless || mutated("keep.tries")) return lost_for_good(error);
    if (left == kKeepTries)
      say("a new token came and cannot be sealed: trying again for 25 s, do not end this: " +
          error.message());
    around_.clock->sleep(wait);
    wait *= 2;
  }
}

ProbeAnswer Pursuit::ask_again_while_unsettled(const SecretBuffer& fresh, const std::string& id) {
  const auto until = around_.clock->steady() + kLongestSettling;
  for (;;) {
    auto answer = calls_.probe(format::id_text(seen_.id), fresh, id);
    if (answer.state != TokenState::invalid || is_over(seen_.span, *around_.clock)) return answer;
    if (around_.clock->steady() >= until) return answer;
    around_.clock->sleep(kBetweenProbes);
  }
}

Result<Opinions> Pursuit::ask(bool both) {
  Opinions said;
  const bool has_new = seen_.new_version != 0;
  if (has_new) {
    say("asking the provider about the new token");
    TV_TRY(const auto fresh, calls_.value(seen_.new_version));
    const auto answer = ask_again_while_unsettled(fresh, made_id(seen_.new_version));
    said.fresh = opinion_of(answer.state);
    said.facts = {answer.id, answer.owner, answer.expires};
    said.message = answer.message;
  }
  if (!both && has_new) return said;
  say("asking the provider about the current token");
  TV_TRY(const auto old, calls_.value(seen_.old_version));
  const auto answer = calls_.probe(format::id_text(seen_.id), old, made_id(seen_.old_version));
  said.old = opinion_of(answer.state);
  if (answer.state == TokenState::valid) said.old_owner = answer.owner;
  if (said.message.empty()) said.message = answer.message;
  return said;
}

/// Why the new token is not to be promoted whatever else is known of it; empty where there is no reason.
Result<std::string> Pursuit::objection(const std::string& old_owner) {
  TV_TRY(const auto fresh, calls_.value(seen_.new_version));
  TV_TRY(const auto old, calls_.value(seen_.old_version));
  if (!mutated("objection.same") && equal_constant_time(fresh, old))
    return std::string("it is the current one again");
  if (!mutated("objection.bytes") && is_printable(old.expose()) && !is_printable(fresh.expose()))
    return std::string("it has control, space or non-ASCII bytes, which the current one has not");
  const auto& known = seen_.owner.empty() ? old_owner : seen_.owner;
  const auto& expected = policy_.owner.empty() ? known : policy_.owner;
  if (!mutated("objection.owner") && !expected.empty() && !facts_.owner.empty() && facts_.owner != expected)
    return fmt::format(
        "it belongs to {}, not to {}; if it may: `tokenvault policy {} --owner WHO`, then `tokenvault rotate "
        "verify {}`",
        facts_.owner, expected, name_, name_);
  return std::string();
}

Result<Outcome> Pursuit::probe(bool both, Goal goal) {
  auto said = ask(both);
  if (!said) return std::move(said).error();
  auto next = about(Act::probed);
  next.event.old = said->old;
  next.event.fresh = said->fresh;
  last_ = next.event;
  if (facts_.id.empty()) facts_.id = said->facts.id;
  if (!said->facts.owner.empty()) facts_.owner = said->facts.owner;
  if (said->facts.expires) facts_.expires = said->facts.expires;
  next.facts = facts_;
  next.old_owner = said->old_owner;
  next.message = said->message;
  if (said->fresh == Opinion::valid) {
    TV_TRY(const auto fault, objection(said->old_owner));
    if (!fault.empty()) {
      next.event.act = Act::objected;
      next.message = fault;
    }
  }
  return commit(next, goal);
}

/// Before a token is ended, whether the one in use is good; the provider's name for it comes with that.
Result<Outcome> Pursuit::probe_current(Goal goal) {
  TV_TRY(const auto current, vault_->info(name_));
  TV_TRY(const auto value, calls_.value(current.version));
  const auto answer = calls_.probe({}, value, made_id(current.version));
  auto next = about(Act::probed);
  next.event.fresh = opinion_of(answer.state);
  next.message = answer.message;
  current_id_ = answer.id.empty() ? made_id(current.version) : answer.id;
  return commit(next, goal);
}

Result<Outcome> Pursuit::promote(Goal goal) {
  TV_TRY(const auto fault, objection());
  auto next = about(fault.empty() ? Act::promote : Act::objected);
  next.message = fault;
  if (fault.empty()) say("the new token is the current one now");
  return commit(next, goal);
}

/// What the rotation may have made unseen is ended, with nobody else asking meanwhile.
Result<Outcome> Pursuit::sweep(Goal goal) {
  TV_TRY(const auto claimed, commit(about(Act::claim), Goal::begun));
  if (!claimed.allowed && !mutated("sweep.claims")) return claimed;
  say("looking for tokens that were made and never came");
  TV_TRY(const auto current, calls_.value(seen_.old_version));
  const auto answer = calls_.revoke({0, {}, format::id_text(seen_.id), true}, current, std::nullopt);
  auto next = about(Act::swept);
  if (!answer || answer->reply != Reply::done) {
    next.event = {Act::probed, Opinion::unknown, Opinion::none};
    next.message = answer ? answer->message : answer.error().message();
  }
  return commit(next, goal);
}

/// The provider's name for a token that no rotation made is not noted, and some end a token by that alone.
Result<std::string> Pursuit::id_to_end(const Obligation& owed) {
  if (owed.version == 0 || !owed.id.empty() || !around_.provider.probe) return owed.id;
  TV_TRY(const auto token, calls_.value(owed.version));
  return calls_.probe({}, token, {}).id;
}

/// One token that is owed and was not tried yet by this call, so that one that cannot be ended is not in the way
/// of the others.
Result<Outcome> Pursuit::revoke(Goal goal) {
  const auto is_open_here = [&](const Obligation& owed) {
    return owed.ours && std::ranges::none_of(tried_, [&](const Obligation& tried) {
             return tried.version == owed.version && tried.id == owed.id;
           });
  };
  const auto found = std::ranges::find_if(seen_.obligations, is_open_here);
  if (found == seen_.obligations.end()) {
    auto next = about(Act::not_revoked);
    next.message = revoke_fault_;
    next.retry_after = revoke_after_;
    return commit(next, goal);
  }
  const auto owed = *found;
  tried_.push_back(owed);
  TV_TRY(const auto id, id_to_end(owed));
  say(owed.version != 0 ? fmt::format("ending version {} at the provider", owed.version)
                        : std::string("ending what an earlier rotation made unseen"));
  TV_TRY(const auto info, vault_->info(name_));
  TV_TRY(const auto current, calls_.value(info.version));
  const auto answer = calls_.revoke({owed.version, owed.since, id, owed.ours}, current, current_id_);
  if (answer && (mutated("revoke.done") || answer->reply == Reply::done)) {
    auto next = about(Act::revoked);
    next.version = owed.version;
    next.id = owed.id;
    return commit(next, goal);
  }
  revoke_fault_ = answer ? answer->message : answer.error().message();
  if (answer) revoke_after_ = answer->retry_after;
  return Outcome{true, Effect::revoke, {.phase = Phase::retiring, .owes = true}};
}

}  // namespace tokenvault::rotation
