// Doubts of the larger changes, writers that do not yield, and blobs that go while they are read.
#include "support/dump.hpp"
#include "support/played_vault.hpp"

namespace tokenvault::test {
namespace {

using Doubt = FaultPlan::Doubt;
using std::chrono::milliseconds;

struct Birth : PlayedVault {
  [[nodiscard]] Result<Vault> make() const {
    return Vault::create(played_store(), raw_key(), played_options());
  }
};

TEST_CASE("a doubt while a vault is made: happened, or sent again until it does") {
  Birth at;
  std::size_t sent = 1;
  SUBCASE("happened") { at.plan->doubt_commit(1, Doubt::applied); }
  SUBCASE("did not") {
    at.lose_commits(2);
    sent = 3;
  }
  auto vault = at.make();
  REQUIRE(vault);
  CHECK(at.script->sent.size() == sent);
  CHECK(at.script->sent.front() == at.script->sent.back());
  CHECK(put(*vault, "a", "one") == 1);
  CHECK(at.open().info()->generation == 2);
  check_clean(*vault);
}

TEST_CASE("a doubt while a vault is made, and another one stands there: it stays as it is") {
  Birth at;
  at.plan->doubt_commit(1, Doubt::not_applied);
  once(at.script->after_commit, [&] {
    auto theirs = at.create(raw_key('t'));
    put(theirs, "a", "theirs");
  });
  CHECK(code_of(at.make()) == Errc::already_exists);
  CHECK(text_of(at.open(raw_key('t')).get("a")) == "theirs");
}

TEST_CASE("a doubt while a vault is made that never ends is told in time, and leaves no vault") {
  Birth at;
  at.lose_commits();
  CHECK(code_of(at.make()) == Errc::in_doubt);
  CHECK(at.log.steady() <= milliseconds(10'250));
  CHECK(code_of(Vault::open(at.view(), raw_key(), at.options())) == Errc::no_vault);
}

/// Two keys, two writers; "mine" is about to begin a new epoch.
struct Turn : PlayedVault {
  Turn() : theirs(create()) {
    put(theirs, "a", "one");
    mine.emplace(open_played());
    script->sent.clear();
  }
  void check_all(std::uint32_t epoch) {
    CHECK(mine->info()->epoch == epoch);
    for (auto* vault : {&*mine, &theirs}) CHECK(text_of(vault->get("a", {.number = 1})) == "one");
    CHECK(text_of(open().get("a", {.number = 1})) == "one");
    put(*mine, "b", "after");
    CHECK(text_of(theirs.get("b")) == "after");
    check_clean(open());
  }
  Vault theirs;
  std::optional<Vault> mine;
};

TEST_CASE("a doubt while the master key is rotated: one new epoch, whether it happened or not") {
  Turn at;
  SUBCASE("happened") { at.plan->doubt_commit(1, Doubt::applied); }
  SUBCASE("did not") { at.lose_commits(2); }
  REQUIRE(at.mine->rotate_master());
  CHECK(at.script->sent.front() == at.script->sent.back());
  at.check_all(2);
}

TEST_CASE("a doubt while the master key is rotated, beaten by a put") {
  Turn at;
  at.plan->doubt_commit(1, Doubt::not_applied);
  once(at.script->after_commit, [&] { put(at.theirs, "a", "two"); });
  REQUIRE(at.mine->rotate_master());
  CHECK(text_of(at.mine->get("a")) == "two");
  at.check_all(2);
}

TEST_CASE("a doubt while the master key is rotated, beaten by another rotation") {
  Turn at;
  at.plan->doubt_commit(1, Doubt::not_applied);
  once(at.script->after_commit, [&] { REQUIRE(at.theirs.rotate_master()); });
  REQUIRE(at.mine->rotate_master());
  at.check_all(3);
}

TEST_CASE("two writers on different tokens both succeed, on one token both versions stand") {
  Turn at;
  once(at.script->before_commit, [&] {
    put(at.theirs, "b", "theirs");
    put(at.theirs, "a", "theirs");
  });
  CHECK(put(*at.mine, "a", "mine") == 3);
  CHECK(text_of(at.mine->get("a", {.stage = Stage::previous})) == "theirs");
  CHECK(text_of(at.mine->get("b")) == "theirs");
  check_clean(*at.mine);
}

TEST_CASE("writers that never yield: unavailable at the caller's time-out, with full jitter up to 250 ms") {
  Turn at;
  at.script->before_commit = [&] { put(at.theirs, "b", "again"); };
  CHECK(code_of(at.mine->put("a", secret("mine"))) == Errc::unavailable);
  CHECK(at.log.steady() >= milliseconds(10'000));
  CHECK(at.log.steady() <= milliseconds(10'250));
  const auto sleeps = at.log.sleeps();
  REQUIRE(sleeps.size() >= 40);
  for (std::size_t i = 0; i < sleeps.size(); ++i) {
    CHECK(sleeps[i] > std::chrono::nanoseconds(0));
    CHECK(sleeps[i] <=
          std::min(milliseconds(250), milliseconds(std::int64_t{1} << std::min<std::size_t>(i, 8))));
  }
  const auto late = sleeps.subspan(8);
  CHECK(std::ranges::max(late) > milliseconds(150));  // all of 32 or more below: once in 10^7 runs
  CHECK(std::ranges::min(late) < milliseconds(100));
  at.script->before_commit = nullptr;
  CHECK(text_of(at.mine->get("a")) == "one");
  CHECK(put(*at.mine, "a", "mine") == 2);
  check_clean(*at.mine);
}

/// Many tokens, so that a get reads nodes; a cold view reads through the script.
struct Moving : PlayedVault {
  Moving() : theirs(create()) {
    for (int i = 0; i < 60; ++i) put(theirs, "t/" + std::to_string(i), "value " + std::to_string(i));
    cold.emplace(open_played());
    script->roots = 0;
  }
  Vault theirs;
  std::optional<Vault> cold;
};

TEST_CASE("a blob that is not there under an unchanged root is tampered, at the first look") {
  Moving at;
  at.script->hide_blobs = true;
  CHECK(code_of(at.cold->get("t/1")) == Errc::tampered);
  CHECK(code_of(at.cold->list()) == Errc::tampered);
  CHECK(at.script->roots == 0);
  at.script->hide_blobs = false;
  CHECK(text_of(at.cold->get("t/1")) == "value 1");
}

TEST_CASE("a blob that went with its root is looked for below the new one, 16 times at the most") {
  Moving at;
  int moves = 0, most = 15;
  SUBCASE("15 moves") {}
  SUBCASE("for ever") { most = 1000; }
  at.script->before_get = [&] {
    at.script->hide_blobs = moves < most;
    if (at.script->hide_blobs) put(at.theirs, "moving", std::to_string(++moves));
  };
  const auto value = at.cold->get("t/1");
  at.script->before_get = nullptr;
  at.script->hide_blobs = false;
  if (most == 15)
    CHECK(text_of(value) == "value 1");
  else
    CHECK(code_of(value) == Errc::unavailable);
  CHECK(moves == (most == 15 ? 15 : 16));
  CHECK(text_of(at.cold->get("t/1")) == "value 1");
  check_clean(*at.cold);
}

TEST_CASE("verify looks at the root as it lies in the store, not as it was read before") {
  Moving at;
  CHECK(at.cold->verify()->faults.empty());
  at.script->flip_root = true;  // as by a hand that leaves the revision alone
  const auto report = at.cold->verify();
  REQUIRE(report);
  REQUIRE(report->faults.size() == 1);
  CHECK(report->faults.front().code == Errc::tampered);
  CHECK(text_of(at.cold->get("t/1")) == "value 1");
}

TEST_CASE("a verify whose record goes while it reads begins anew, and finds nothing wrong") {
  PlayedVault at;
  auto theirs = at.create();
  put(theirs, "a", "one");
  put(theirs, "b", "two");
  const auto vault = at.open_played();
  once(at.script->before_get, [&] { REQUIRE(theirs.destroy("a")); });
  const auto report = vault.verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->tokens == 1);
}

TEST_CASE("a put whose path goes while it reads starts over and loses neither change") {
  Moving at;
  once(at.script->before_get, [&] {
    for (int i = 0; i < 60; ++i) put(at.theirs, "t/" + std::to_string(i), "new");
  });
  CHECK(put(*at.cold, "t/1", "mine") == 3);
  CHECK(text_of(at.theirs.get("t/1")) == "mine");
  CHECK(text_of(at.theirs.get("t/1", {.number = 2})) == "new");
  check_clean(*at.cold);
}

TEST_CASE("once another's commit is noticed by any call, no cached value is believed unasked") {
  Moving at;
  for (int i = 0; i < 60; ++i) REQUIRE(at.cold->get("t/" + std::to_string(i)));
  put(at.theirs, "t/1", "new");
  SUBCASE("by a get of another token") { CHECK(text_of(at.cold->get("t/2")) == "value 2"); }
  SUBCASE("by an info") { CHECK(at.cold->info()->tokens == 60); }
  SUBCASE("by a change of its own") { put(*at.cold, "t/3", "mine"); }
  CHECK(text_of(at.cold->get("t/1")) == "new");
}

}  // namespace
}  // namespace tokenvault::test
