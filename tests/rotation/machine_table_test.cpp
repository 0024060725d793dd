// The wanted moves, to be read. What has no row is not allowed.
#include <doctest/doctest.h>

#include <array>
#include <span>

#include "rotation/machine.hpp"

using namespace tokenvault;
using namespace tokenvault::rotation;

namespace {

constexpr auto kNone = Opinion::none;
constexpr auto kValid = Opinion::valid;
constexpr auto kInvalid = Opinion::invalid;
constexpr auto kUnknown = Opinion::unknown;

struct Row {
  Phase from;
  Act act;
  Opinion old, fresh;
  Phase to;
  Effect effect;
  bool asks = false;
};

/// As it is met in that phase: with a new token where there is one, owing the old one after a promotion.
State usual(Phase phase) {
  State state;
  state.phase = phase;
  state.has_new = phase == Phase::staged || phase == Phase::verified;
  state.owes = phase == Phase::promoted || phase == Phase::retiring;
  return state;
}

constexpr Terms kParallel{Issue::once, OldToken::kept, true, true, true, true, true, false};

// clang-format off
constexpr std::array kRows{
    Row{Phase::idle,      Act::start,       kNone,    kNone,    Phase::intent,    Effect::call},
    Row{Phase::idle,      Act::take_up,     kNone,    kNone,    Phase::idle,      Effect::none},
    Row{Phase::idle,      Act::waived,      kNone,    kNone,    Phase::idle,      Effect::none},

    Row{Phase::intent,    Act::start,       kNone,    kNone,    Phase::intent,    Effect::call},
    Row{Phase::intent,    Act::take_up,     kNone,    kNone,    Phase::intent,    Effect::call},
    Row{Phase::intent,    Act::call,        kNone,    kNone,    Phase::issuing,   Effect::issue},
    Row{Phase::intent,    Act::received,    kNone,    kNone,    Phase::staged,    Effect::probe_new},
    Row{Phase::intent,    Act::probed,      kValid,   kNone,    Phase::intent,    Effect::wait},
    Row{Phase::intent,    Act::probed,      kInvalid, kNone,    Phase::intent,    Effect::ask, true},
    Row{Phase::intent,    Act::probed,      kUnknown, kNone,    Phase::intent,    Effect::wait},
    Row{Phase::intent,    Act::abort,       kNone,    kNone,    Phase::aborted,   Effect::none},
    Row{Phase::intent,    Act::force_abort, kNone,    kNone,    Phase::aborted,   Effect::none},
    Row{Phase::intent,    Act::waived,      kNone,    kNone,    Phase::intent,    Effect::none},

    // Whoever was asking is dead.
    Row{Phase::issuing,   Act::start,       kNone,    kNone,    Phase::uncertain, Effect::probe_both},
    Row{Phase::issuing,   Act::take_up,     kNone,    kNone,    Phase::uncertain, Effect::probe_both},
    Row{Phase::issuing,   Act::received,    kNone,    kNone,    Phase::staged,    Effect::probe_new},
    Row{Phase::issuing,   Act::refused,     kNone,    kNone,    Phase::intent,    Effect::probe_both},
    Row{Phase::issuing,   Act::refused,     kUnknown, kNone,    Phase::intent,    Effect::wait},
    Row{Phase::issuing,   Act::refused,     kInvalid, kNone,    Phase::intent,    Effect::ask, true},
    Row{Phase::issuing,   Act::lost,        kNone,    kNone,    Phase::uncertain, Effect::probe_both},
    Row{Phase::issuing,   Act::abort,       kNone,    kNone,    Phase::aborted,   Effect::none},
    Row{Phase::issuing,   Act::force_abort, kNone,    kNone,    Phase::aborted,   Effect::none},
    Row{Phase::issuing,   Act::waived,      kNone,    kNone,    Phase::issuing,   Effect::none},

    Row{Phase::uncertain, Act::start,       kNone,    kNone,    Phase::uncertain, Effect::probe_both},
    Row{Phase::uncertain, Act::take_up,     kNone,    kNone,    Phase::uncertain, Effect::probe_both},
    Row{Phase::uncertain, Act::received,    kNone,    kNone,    Phase::staged,    Effect::probe_new},
    Row{Phase::uncertain, Act::probed,      kValid,   kNone,    Phase::uncertain, Effect::sweep},
    Row{Phase::uncertain, Act::probed,      kInvalid, kNone,    Phase::uncertain, Effect::ask, true},
    Row{Phase::uncertain, Act::probed,      kUnknown, kNone,    Phase::uncertain, Effect::wait},
    Row{Phase::uncertain, Act::claim,       kNone,    kNone,    Phase::uncertain, Effect::sweep},
    Row{Phase::uncertain, Act::swept,       kNone,    kNone,    Phase::intent,    Effect::call},
    Row{Phase::uncertain, Act::discard,     kNone,    kNone,    Phase::intent,    Effect::call},
    Row{Phase::uncertain, Act::abort,       kNone,    kNone,    Phase::aborted,   Effect::none},
    Row{Phase::uncertain, Act::force_abort, kNone,    kNone,    Phase::aborted,   Effect::none},
    Row{Phase::uncertain, Act::waived,      kNone,    kNone,    Phase::uncertain, Effect::none},

    Row{Phase::staged,    Act::start,       kNone,    kNone,    Phase::staged,    Effect::probe_both},
    Row{Phase::staged,    Act::take_up,     kNone,    kNone,    Phase::staged,    Effect::probe_both},
    Row{Phase::staged,    Act::probed,      kNone,    kValid,   Phase::verified,  Effect::promote},
    Row{Phase::staged,    Act::probed,      kValid,   kValid,   Phase::verified,  Effect::promote},
    Row{Phase::staged,    Act::probed,      kInvalid, kValid,   Phase::verified,  Effect::promote},
    Row{Phase::staged,    Act::probed,      kUnknown, kValid,   Phase::staged,    Effect::wait},
    Row{Phase::staged,    Act::probed,      kNone,    kInvalid, Phase::staged,    Effect::probe_both},
    Row{Phase::staged,    Act::probed,      kValid,   kInvalid, Phase::staged,    Effect::wait},
    Row{Phase::staged,    Act::probed,      kInvalid, kInvalid, Phase::uncertain, Effect::ask, true},
    Row{Phase::staged,    Act::probed,      kUnknown, kInvalid, Phase::staged,    Effect::wait},
    Row{Phase::staged,    Act::probed,      kNone,    kUnknown, Phase::staged,    Effect::wait},
    Row{Phase::staged,    Act::probed,      kValid,   kUnknown, Phase::staged,    Effect::wait},
    Row{Phase::staged,    Act::probed,      kInvalid, kUnknown, Phase::staged,    Effect::wait},
    Row{Phase::staged,    Act::objected,    kNone,    kNone,    Phase::staged,    Effect::ask, true},
    Row{Phase::staged,    Act::accept,      kNone,    kNone,    Phase::verified,  Effect::promote},
    Row{Phase::staged,    Act::abort,       kValid,   kValid,   Phase::aborted,   Effect::none},
    Row{Phase::staged,    Act::abort,       kUnknown, kUnknown, Phase::aborted,   Effect::none},
    Row{Phase::staged,    Act::force_abort, kInvalid, kValid,   Phase::aborted,   Effect::none},
    Row{Phase::staged,    Act::waived,      kNone,    kNone,    Phase::staged,    Effect::none},

    Row{Phase::verified,  Act::start,       kNone,    kNone,    Phase::verified,  Effect::promote},
    Row{Phase::verified,  Act::take_up,     kNone,    kNone,    Phase::verified,  Effect::promote},
    Row{Phase::verified,  Act::probed,      kNone,    kValid,   Phase::verified,  Effect::promote},
    Row{Phase::verified,  Act::probed,      kValid,   kInvalid, Phase::staged,    Effect::wait},
    Row{Phase::verified,  Act::probed,      kInvalid, kInvalid, Phase::uncertain, Effect::ask, true},
    Row{Phase::verified,  Act::objected,    kNone,    kNone,    Phase::staged,    Effect::ask, true},
    Row{Phase::verified,  Act::accept,      kNone,    kNone,    Phase::verified,  Effect::promote},
    Row{Phase::verified,  Act::promote,     kNone,    kNone,    Phase::promoted,  Effect::wait},
    Row{Phase::verified,  Act::abort,       kNone,    kNone,    Phase::aborted,   Effect::none},
    Row{Phase::verified,  Act::force_abort, kNone,    kNone,    Phase::aborted,   Effect::none},
    Row{Phase::verified,  Act::waived,      kNone,    kNone,    Phase::verified,  Effect::none},

    Row{Phase::promoted,  Act::start,       kNone,    kNone,    Phase::promoted,  Effect::wait},
    Row{Phase::promoted,  Act::take_up,     kNone,    kNone,    Phase::promoted,  Effect::wait},
    Row{Phase::promoted,  Act::grace_over,  kNone,    kNone,    Phase::retiring,  Effect::probe_new},
    Row{Phase::promoted,  Act::abort,       kNone,    kNone,    Phase::done,      Effect::none},
    Row{Phase::promoted,  Act::force_abort, kNone,    kNone,    Phase::done,      Effect::none},
    Row{Phase::promoted,  Act::waived,      kNone,    kNone,    Phase::promoted,  Effect::none},

    Row{Phase::retiring,  Act::start,       kNone,    kNone,    Phase::intent,    Effect::call},
    Row{Phase::retiring,  Act::take_up,     kNone,    kNone,    Phase::retiring,  Effect::probe_new},
    Row{Phase::retiring,  Act::probed,      kNone,    kValid,   Phase::retiring,  Effect::revoke},
    Row{Phase::retiring,  Act::probed,      kNone,    kInvalid, Phase::retiring,  Effect::ask, true},
    Row{Phase::retiring,  Act::probed,      kNone,    kUnknown, Phase::retiring,  Effect::wait},
    Row{Phase::retiring,  Act::revoked,     kNone,    kNone,    Phase::retiring,  Effect::revoke},
    Row{Phase::retiring,  Act::not_revoked, kNone,    kNone,    Phase::retiring,  Effect::wait},
    Row{Phase::retiring,  Act::abort,       kNone,    kNone,    Phase::done,      Effect::none},
    Row{Phase::retiring,  Act::force_abort, kNone,    kNone,    Phase::done,      Effect::none},
    Row{Phase::retiring,  Act::waived,      kNone,    kNone,    Phase::retiring,  Effect::none},

    Row{Phase::done,      Act::start,       kNone,    kNone,    Phase::intent,    Effect::call},
    Row{Phase::done,      Act::take_up,     kNone,    kNone,    Phase::done,      Effect::none},
    Row{Phase::done,      Act::waived,      kNone,    kNone,    Phase::done,      Effect::none},

    Row{Phase::aborted,   Act::start,       kNone,    kNone,    Phase::intent,    Effect::call},
    Row{Phase::aborted,   Act::take_up,     kNone,    kNone,    Phase::aborted,   Effect::none},
    Row{Phase::aborted,   Act::waived,      kNone,    kNone,    Phase::aborted,   Effect::none},
};
// clang-format on

void check_row(const Row& row, const Terms& terms) {
  CAPTURE(static_cast<int>(row.from));
  CAPTURE(static_cast<int>(row.act));
  CAPTURE(static_cast<int>(row.old));
  CAPTURE(static_cast<int>(row.fresh));
  const auto move = advance(usual(row.from), {row.act, row.old, row.fresh}, terms);
  CHECK(move.allowed);
  CHECK(static_cast<int>(move.state.phase) == static_cast<int>(row.to));
  CHECK(static_cast<int>(move.effect) == static_cast<int>(row.effect));
  CHECK(move.state.asks == row.asks);
}

bool has_row(Phase phase, Act act) {
  for (const auto& row : kRows)
    if (row.from == phase && row.act == act) return true;
  return false;
}

}  // namespace

TEST_CASE("a provider whose old tokens live on: the table") {
  for (const auto& row : kRows) check_row(row, kParallel);
}

TEST_CASE("what has no row is not allowed") {
  int closed = 0;
  for (int phase = 0; phase <= static_cast<int>(Phase::aborted); ++phase)
    for (int act = 0; act < kActs; ++act) {
      const auto from = static_cast<Phase>(phase);
      if (has_row(from, static_cast<Act>(act))) continue;
      CAPTURE(phase);
      CAPTURE(act);
      CHECK_FALSE(advance(usual(from), {static_cast<Act>(act)}, kParallel).allowed);
      ++closed;
    }
  CHECK(closed > 80);
}

TEST_CASE("a provider whose old token dies, and no answer came") {
  Terms terms = kParallel;
  terms.old = OldToken::dies;
  terms.find = terms.revoke = terms.grace = false;
  // The old one lives, so no new one was made.
  check_row({Phase::uncertain, Act::probed, kValid, kNone, Phase::uncertain, Effect::call}, terms);
  check_row({Phase::uncertain, Act::probed, kInvalid, kNone, Phase::uncertain, Effect::ask, true}, terms);
  terms.settled = false;  // perhaps it is only not seen yet
  check_row({Phase::uncertain, Act::probed, kValid, kNone, Phase::uncertain, Effect::wait}, terms);
  terms.settled = true;
  check_row({Phase::verified, Act::promote, kNone, kNone, Phase::done, Effect::none}, terms);
}

TEST_CASE("a provider that answers a repeated call with the same token is simply asked again") {
  Terms terms = kParallel;
  terms.issue = Issue::replay_safe;
  check_row({Phase::issuing, Act::take_up, kNone, kNone, Phase::uncertain, Effect::call}, terms);
  check_row({Phase::uncertain, Act::take_up, kNone, kNone, Phase::uncertain, Effect::call}, terms);
  // Also with a token that is dead by now: the new one comes again.
  check_row({Phase::uncertain, Act::probed, kInvalid, kNone, Phase::uncertain, Effect::call}, terms);
  terms.probe = false;
  check_row({Phase::issuing, Act::take_up, kNone, kNone, Phase::uncertain, Effect::call}, terms);
  check_row({Phase::issuing, Act::lost, kNone, kNone, Phase::uncertain, Effect::call}, terms);
}

TEST_CASE("where nothing can be found, a person says what became of a lost answer") {
  Terms terms = kParallel;
  terms.find = false;
  check_row({Phase::uncertain, Act::probed, kValid, kNone, Phase::uncertain, Effect::ask, true}, terms);
  terms.probe = false;
  check_row({Phase::issuing, Act::lost, kNone, kNone, Phase::uncertain, Effect::ask, true}, terms);
}

TEST_CASE("where a person gets the token") {
  Terms terms;
  check_row({Phase::idle, Act::start, kNone, kNone, Phase::intent, Effect::ask, true}, terms);
  check_row({Phase::intent, Act::received, kNone, kNone, Phase::staged, Effect::probe_new}, terms);
  CHECK_FALSE(advance(usual(Phase::intent), {Act::call}, terms).allowed);
  // A program asked before, and its policy was changed to a person since.
  check_row({Phase::uncertain, Act::probed, kValid, kNone, Phase::uncertain, Effect::ask, true}, terms);
  check_row({Phase::uncertain, Act::discard, kNone, kNone, Phase::intent, Effect::ask, true}, terms);
  terms.probe = false;
  check_row({Phase::intent, Act::received, kNone, kNone, Phase::staged, Effect::ask, true}, terms);
}

TEST_CASE("beside somebody who is asking the provider, and lives") {
  Terms terms = kParallel;
  terms.holder_lives = true;
  check_row({Phase::issuing, Act::start, kNone, kNone, Phase::issuing, Effect::busy}, terms);
  check_row({Phase::issuing, Act::take_up, kNone, kNone, Phase::issuing, Effect::busy}, terms);
  check_row({Phase::uncertain, Act::take_up, kNone, kNone, Phase::uncertain, Effect::busy}, terms);
  CHECK_FALSE(advance(usual(Phase::intent), {Act::call}, terms).allowed);
  CHECK_FALSE(advance(usual(Phase::uncertain), {Act::claim}, terms).allowed);
  CHECK_FALSE(advance(usual(Phase::issuing), {Act::abort}, terms).allowed);
  check_row({Phase::issuing, Act::force_abort, kNone, kNone, Phase::aborted, Effect::none}, terms);
}

TEST_CASE("a new token that is rejected twice waits for a person") {
  auto state = usual(Phase::staged);
  const Event rejected{Act::probed, Opinion::valid, Opinion::invalid};
  Terms terms = kParallel;
  terms.settled = false;
  for (int i = 0; i < 5; ++i) state = advance(state, rejected, terms).state;
  CHECK(state.rejections == 0);  // it may only not be seen yet
  terms.settled = true;
  state = advance(state, rejected, terms).state;
  CHECK_FALSE(state.asks);
  const auto second = advance(state, rejected, terms);
  CHECK(second.state.asks);
  CHECK(second.effect == Effect::ask);
  // It is not thrown away: who looks again may find it good.
  CHECK(advance(second.state, {Act::probed, Opinion::valid, Opinion::valid}, terms).state.phase ==
        Phase::verified);
}

TEST_CASE("what is owed is taken up after the end, when the grace is over") {
  State state{.phase = Phase::done, .owes = true};
  Terms terms = kParallel;
  CHECK(advance(state, {Act::take_up}, terms).state.phase == Phase::retiring);
  terms.settled = false;
  CHECK(advance(state, {Act::take_up}, terms).state.phase == Phase::done);
  CHECK(advance(state, {Act::grace_over}, terms).state.phase == Phase::retiring);  // a person ends it
  terms.settled = true;
  terms.revoke = false;
  CHECK_FALSE(advance(state, {Act::grace_over}, terms).allowed);
  CHECK(advance(state, {Act::take_up}, terms).state.phase == Phase::done);
}

TEST_CASE("what one provider began another goes on with, or a person") {
  auto terms = kParallel;
  terms.issue = Issue::human;
  auto move = advance(usual(Phase::intent), {Act::take_up}, terms);
  CHECK((move.state.phase == Phase::intent && move.state.asks && move.effect == Effect::ask));
  terms.probe = false;
  for (const auto phase : {Phase::staged, Phase::uncertain}) {
    move = advance(usual(phase), {Act::take_up}, terms);
    CHECK((move.state.phase == phase && move.state.asks && move.effect == Effect::ask));
  }
  terms.revoke = false;
  move = advance(usual(Phase::retiring), {Act::take_up}, terms);
  CHECK((move.state.phase == Phase::done && move.state.owes && move.effect == Effect::none));
}

TEST_CASE("an old token is ended when told, also after the rotation is over") {
  auto terms = kParallel;
  terms.settled = false;
  auto state = usual(Phase::done);
  state.owes = true;
  CHECK(advance(state, {Act::take_up}, terms).state == state);
  const auto move = advance(state, {Act::grace_over}, terms);
  CHECK((move.allowed && move.state.phase == Phase::retiring && move.effect == Effect::probe_new));
  terms.revoke = false;
  CHECK_FALSE(advance(state, {Act::grace_over}, terms).allowed);
}
