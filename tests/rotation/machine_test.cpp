// The machine as a function: rules over every state, event and term there is, and the wanted moves as a table.
#include "rotation/machine.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

using namespace tokenvault;
using namespace tokenvault::rotation;

namespace {

constexpr std::array kPhases{Phase::idle,     Phase::intent,   Phase::issuing,  Phase::staged,
                             Phase::verified, Phase::promoted, Phase::retiring, Phase::uncertain,
                             Phase::done,     Phase::aborted};
constexpr std::array kOpinions{Opinion::none, Opinion::valid, Opinion::invalid, Opinion::unknown};

std::vector<State> all_states() {
  std::vector<State> states;
  for (const auto phase : kPhases)
    for (int bits = 0; bits < 8; ++bits)
      for (std::uint8_t rejections = 0; rejections < 3; ++rejections)
        states.push_back({phase, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, rejections});
  return states;
}

std::vector<Event> all_events() {
  std::vector<Event> events;
  for (int act = 0; act < kActs; ++act)
    for (const auto old : kOpinions)
      for (const auto fresh : kOpinions) events.push_back({static_cast<Act>(act), old, fresh});
  return events;
}

std::vector<Terms> all_terms() {
  std::vector<Terms> terms;
  for (const auto issue : {Issue::replay_safe, Issue::once, Issue::human})
    for (const auto old : {OldToken::kept, OldToken::expires, OldToken::dies})
      for (int bits = 0; bits < 64; ++bits)
        terms.push_back({issue, old, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0,
                         (bits & 16) != 0, (bits & 32) != 0});
  return terms;
}

/// One answer of the machine, with the question.
struct Case {
  const State& before;
  const Event& event;
  const Terms& terms;
  const Move& move;

  [[nodiscard]] const State& after() const { return move.state; }
  [[nodiscard]] bool is(Act act) const { return event.act == act; }
  [[nodiscard]] bool becomes(Phase phase) const { return move.state.phase == phase && before.phase != phase; }
  [[nodiscard]] bool aborts() const { return is(Act::abort) || is(Act::force_abort); }
  /// Of the opinions those that the state asks for.
  [[nodiscard]] bool says_unknown() const {
    const bool old = event.old == Opinion::unknown, fresh = event.fresh == Opinion::unknown;
    if (before.phase == Phase::retiring) return fresh;
    if (before.phase == Phase::intent || (before.phase == Phase::uncertain && !before.has_new)) return old;
    return old || fresh;
  }
};

bool is_before_promotion(Phase phase) {
  return is_open(phase) && phase != Phase::promoted && phase != Phase::retiring;
}

/// What an abort may be refused for, and nothing else.
bool may_refuse_abort(const Case& c) {
  if (!is_open(c.before.phase)) return true;
  if (c.is(Act::force_abort)) return false;
  if (c.before.phase == Phase::issuing) return c.terms.holder_lives;
  const bool in_hand =
      c.before.has_new && is_before_promotion(c.before.phase) && c.before.phase != Phase::intent;
  return in_hand && c.event.fresh == Opinion::valid && c.event.old == Opinion::invalid;
}

bool may_drop_new(const Case& c) {
  return c.is(Act::promote) || c.aborts() ||
         (c.is(Act::start) && (!is_open(c.before.phase) || c.before.phase == Phase::retiring));
}

struct Rule {
  const char* name;
  bool (*holds)(const Case&);
  std::uint64_t broken = 0;
};

std::vector<Rule> rules() {
  return {
      {"what is not allowed changes nothing and asks for nothing",
       [](const Case& c) {
         return c.move.allowed || (c.after() == c.before && c.move.effect == Effect::none);
       }},
      {"a token gets into use by a promotion of a verified new one alone",
       [](const Case& c) {
         const bool in_use = c.after().phase == Phase::promoted || c.after().phase == Phase::retiring ||
                             c.after().phase == Phase::done;
         if (!is_before_promotion(c.before.phase) || !in_use) return true;
         return c.is(Act::promote) && c.before.phase == Phase::verified && c.before.has_new;
       }},
      {"promoted is reached by a promotion alone",
       [](const Case& c) { return !c.becomes(Phase::promoted) || c.is(Act::promote); }},
      {"nothing is promoted that is not there",
       [](const Case& c) { return !c.is(Act::promote) || !c.move.allowed || c.before.has_new; }},
      {"unknown changes nothing",
       [](const Case& c) {
         return !c.is(Act::probed) || !c.says_unknown() ||
                (c.after() == c.before && (c.move.effect == Effect::wait || !c.move.allowed));
       }},
      {"verified takes a valid probe of the new token, or a person's word",
       [](const Case& c) {
         return !c.becomes(Phase::verified) || c.is(Act::accept) ||
                (c.is(Act::probed) && c.event.fresh == Opinion::valid);
       }},
      {"a new token that is rejected is not verified any more",
       [](const Case& c) {
         const bool rejected = c.is(Act::probed) && c.event.fresh == Opinion::invalid &&
                               (c.event.old == Opinion::valid || c.event.old == Opinion::invalid);
         return !rejected || c.after().phase != Phase::verified;
       }},
      {"abort is refused for the two reasons that are written down, and no other",
       [](const Case& c) { return !c.aborts() || c.move.allowed != may_refuse_abort(c); }},
      {"abort closes",
       [](const Case& c) { return !c.aborts() || !c.move.allowed || !is_open(c.after().phase); }},
      {"start opens no second rotation",
       [](const Case& c) {
         if (!c.is(Act::start)) return true;
         if (!c.move.allowed || !is_open(c.after().phase)) return false;
         return !is_before_promotion(c.before.phase) || !c.becomes(Phase::intent);
       }},
      {"only call sends anybody to issue, never for a person's provider nor beside a living holder",
       [](const Case& c) {
         if (c.move.effect != Effect::issue) return true;
         return c.is(Act::call) && c.terms.issue != Issue::human && !c.terms.holder_lives;
       }},
      {"nobody is told to call where a person gets the token",
       [](const Case& c) { return c.move.effect != Effect::call || c.terms.issue != Issue::human; }},
      {"no call while the provider may have made one that lives on",
       [](const Case& c) {
         if (!c.is(Act::call) || !c.move.allowed || c.before.phase != Phase::uncertain) return true;
         return c.terms.issue == Issue::replay_safe || c.terms.old == OldToken::dies;
       }},
      {"what was learnt of the old token leads to a call only where it is valid, or the call gives the same "
       "again",
       [](const Case& c) {
         if (!c.is(Act::probed) || c.move.effect != Effect::call) return true;
         if (c.terms.issue == Issue::replay_safe) return true;
         return c.event.old == Opinion::valid && c.terms.old == OldToken::dies && c.terms.settled;
       }},
      {"what is closed asks for nothing",
       [](const Case& c) {
         const bool sane = is_open(c.before.phase) || !c.before.asks;
         return !sane || is_open(c.after().phase) || c.move.effect == Effect::none;
       }},
      {"what is open has something to do, but for a debt that is waived",
       [](const Case& c) {
         return !c.move.allowed || !is_open(c.after().phase) || c.move.effect != Effect::none ||
                c.is(Act::waived);
       }},
      {"nothing is revoked before the token in use is seen to be good, where that can be seen",
       [](const Case& c) {
         if (c.move.effect != Effect::revoke || !c.terms.probe) return true;
         return c.after().phase == Phase::retiring &&
                (c.is(Act::revoked) || (c.is(Act::probed) && c.event.fresh == Opinion::valid));
       }},
      {"an old token's grace is not cut short by somebody who comes along",
       [](const Case& c) { return !c.is(Act::take_up) || c.terms.settled || !c.becomes(Phase::retiring); }},
      {"a new token comes by being received, and goes by promotion, abort or a new beginning",
       [](const Case& c) {
         if (c.after().has_new == c.before.has_new) return true;
         return c.after().has_new ? c.is(Act::received) : may_drop_new(c);
       }},
      {"a token that waits gives no place to another",
       [](const Case& c) { return !c.is(Act::received) || !c.before.has_new || !c.move.allowed; }},
      {"no debt is forgiven or made here", [](const Case& c) { return c.after().owes == c.before.owes; }},
      {"rejections are counted to two, one at a time, when the provider rejects and has settled",
       [](const Case& c) {
         if (c.after().rejections <= c.before.rejections) return true;
         return c.after().rejections == c.before.rejections + 1 && c.after().rejections <= 2 &&
                c.is(Act::probed) && c.event.fresh == Opinion::invalid && c.terms.settled;
       }},
      {"the answer of a call ends nothing but a call",
       [](const Case& c) {
         const bool answer = c.is(Act::refused) || c.is(Act::lost);
         return !answer || c.move.allowed == (c.before.phase == Phase::issuing);
       }},
      {"who comes along and moves nothing is told what the state tells",
       [](const Case& c) {
         if (!c.is(Act::take_up) || !(c.after() == c.before)) return true;
         return c.move.effect == effect_of(c.before, c.terms) || !is_open(c.before.phase);
       }},
      {"a sweep is begun where tokens can be found, nobody else is at it and the old one is good",
       [](const Case& c) {
         if (c.move.effect != Effect::sweep) return true;
         if (c.is(Act::claim)) return !c.terms.holder_lives && !c.before.has_new;
         return c.is(Act::probed) && c.terms.find && c.event.old == Opinion::valid;
       }},
  };
}

/// Moves that change something, from any state that can be, under terms that may change at any time.
std::vector<State> reachable() {
  const auto events = all_events();
  const auto terms = all_terms();
  std::vector<State> found{State{}};
  const auto note = [&](const State& state) {
    for (const auto& known : found)
      if (known == state) return;
    found.push_back(state);
  };
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto other = found[i];
    other.owes = !other.owes;  // others make debts and pay them
    note(other);
    for (const auto& event : events)
      for (const auto& term : terms) note(advance(State(found[i]), event, term).state);
  }
  return found;
}

}  // namespace

TEST_CASE("every rule holds for every state, every event and every term") {
  const auto states = all_states();
  const auto events = all_events();
  const auto terms = all_terms();
  auto all = rules();
  std::uint64_t pairs = 0, cases = 0, allowed = 0;
  for (const auto& state : states)
    for (const auto& event : events) {
      ++pairs;
      for (const auto& term : terms) {
        const auto move = advance(state, event, term);
        ++cases;
        if (move.allowed) ++allowed;
        const Case one{state, event, term, move};
        for (auto& rule : all)
          if (!rule.holds(one)) ++rule.broken;
      }
    }
  for (const auto& rule : all) {
    CAPTURE(std::string(rule.name));
    CHECK(rule.broken == 0);
  }
  std::printf("%zu rules, %llu pairs of state and event, %llu under all terms, %llu of them moves\n",
              all.size(), static_cast<unsigned long long>(pairs), static_cast<unsigned long long>(cases),
              static_cast<unsigned long long>(allowed));
}

TEST_CASE("only states that make sense can be reached") {
  const auto states = reachable();
  for (const auto& state : states) {
    CAPTURE(static_cast<int>(state.phase));
    const bool sealed = state.phase == Phase::staged || state.phase == Phase::verified;
    if (sealed) CHECK(state.has_new);
    if (!sealed && state.phase != Phase::uncertain) CHECK_FALSE(state.has_new);
    // Both were rejected: nothing but a person helps, or a provider that changes its mind.
    if (state.phase == Phase::uncertain && state.has_new) CHECK(state.asks);
    if (!is_open(state.phase) || state.phase == Phase::issuing || state.phase == Phase::verified)
      CHECK_FALSE(state.asks);
  }
  std::printf("%zu of %zu states can be reached\n", states.size(), all_states().size());
}

TEST_CASE("a person who is waited for is waited for by all") {
  for (const auto& state : reachable())
    for (const auto& terms : all_terms()) {
      if (!state.asks) continue;
      const auto move = advance(state, {Act::take_up}, terms);
      REQUIRE(move.allowed);
      REQUIRE(move.state == state);
      REQUIRE(move.effect == Effect::ask);
    }
}

TEST_CASE("from a phase that is none nothing follows, and what is no event moves nothing") {
  const State state{.phase = static_cast<Phase>(99)};
  for (const auto& terms : all_terms()) {
    REQUIRE(effect_of(state, terms) == Effect::none);
    const auto move = advance({}, {static_cast<Act>(kActs)}, terms);
    REQUIRE_FALSE(move.allowed);
    REQUIRE(move.state == State{});
  }
}
