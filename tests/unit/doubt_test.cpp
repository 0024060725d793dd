// Commits whose answer is lost, and writers that race: docs/format.md 3.4, "settling a doubt".
#include "support/played_vault.hpp"

namespace tokenvault::test {
namespace {

using Doubt = FaultPlan::Doubt;

/// A vault with one token "a", opened through the played store, and another writer's view.
struct Duel : PlayedVault {
  Duel() : theirs(create()) {
    put(theirs, "a", "one");
    mine.emplace(open_played());
    script->sent.clear();
  }
  [[nodiscard]] std::uint64_t generation() const { return open().info()->generation; }
  /// The other writer commits `count` times.
  void others(int count) {
    for (int i = 0; i < count; ++i) put(theirs, "theirs", std::to_string(i));
  }
  Vault theirs;
  std::optional<Vault> mine;
};

TEST_CASE("a commit in doubt that happened is done once") {
  Duel at;
  at.plan->doubt_commit(1, Doubt::applied);
  CHECK(put(*at.mine, "a", "two") == 2);
  CHECK(at.script->sent.size() == 1);
  CHECK(at.generation() == 3);
  CHECK(text_of(at.mine->get("a")) == "two");
  CHECK(text_of(at.open().get("a")) == "two");
  check_clean(*at.mine);
}

TEST_CASE("a commit in doubt that did not happen is sent again, byte for byte") {
  Duel at;
  at.lose_commits(3);
  CHECK(put(*at.mine, "a", "two") == 2);
  REQUIRE(at.script->sent.size() == 4);
  for (const auto& sent : at.script->sent) CHECK(sent == at.script->sent.front());
  CHECK(at.generation() == 3);
  CHECK(text_of(at.open().get("a")) == "two");
  check_clean(*at.mine);
}

TEST_CASE("a commit in doubt that was beaten is made anew on the other's root") {
  Duel at;
  at.plan->doubt_commit(1, Doubt::not_applied);
  SUBCASE("before the first look") {
    once(at.script->after_commit, [&] {
      put(at.theirs, "a", "theirs");
      put(at.theirs, "b", "theirs");
    });
  }
  SUBCASE("between the look and the second sending") {
    once(at.script->before_commit, [&] {
      once(at.script->before_commit, [&] {
        put(at.theirs, "a", "theirs");
        put(at.theirs, "b", "theirs");
      });
    });
  }
  CHECK(put(*at.mine, "a", "mine") == 3);
  CHECK(at.script->sent.back() != at.script->sent.front());
  CHECK(text_of(at.mine->get("a")) == "mine");
  CHECK(text_of(at.mine->get("a", {.number = 2})) == "theirs");
  CHECK(text_of(at.mine->get("b")) == "theirs");
  CHECK(at.generation() == 5);
  check_clean(*at.mine);
}

/// Its first commit is held up on the way, answered in_doubt, and lands just before the second.
class SlowLine final : public Store {
 public:
  explicit SlowLine(std::unique_ptr<Store> inner) : inner_(std::move(inner)) {}
  [[nodiscard]] Capabilities capabilities() const noexcept override { return inner_->capabilities(); }
  Result<Root> root() override { return inner_->root(); }
  Result<Bytes> get(const BlobId& id) override { return inner_->get(id); }
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    return inner_->list(after, limit);
  }
  Result<Revision> revision() override { return inner_->revision(); }
  Result<Revision> commit(const Commit& commit) override {
    if (++commits_ == 1) return Error(Errc::in_doubt, "held up");
    if (commits_ == 2) REQUIRE(inner_->commit(commit));  // the same bytes as the first
    return inner_->commit(commit);
  }

 private:
  std::unique_ptr<Store> inner_;
  int commits_ = 0;
};

TEST_CASE("a commit that arrives late, before its second sending, is done once") {
  Duel at;
  auto vault = Vault::open(std::make_unique<SlowLine>(at.view()), raw_key(), at.played_options());
  REQUIRE(vault);
  CHECK(put(*vault, "a", "two") == 2);
  CHECK(at.generation() == 3);
  CHECK(vault->info("a")->versions.size() == 2);
  check_clean(*vault);
}

TEST_CASE("if_version holds across a doubt: beaten is a conflict, done is done") {
  Duel at;
  SUBCASE("beaten") {
    at.plan->doubt_commit(1, Doubt::not_applied);
    once(at.script->after_commit, [&] { put(at.theirs, "a", "theirs"); });
    CHECK(code_of(at.mine->put("a", secret("mine"), {.if_version = 1})) == Errc::conflict);
    CHECK(text_of(at.mine->get("a")) == "theirs");
  }
  SUBCASE("done, and another's on top") {
    at.plan->doubt_commit(1, Doubt::applied);
    once(at.script->after_commit, [&] { put(at.theirs, "a", "theirs"); });
    CHECK(put(*at.mine, "a", "mine", {.if_version = 1}) == 2);
    CHECK(text_of(at.mine->get("a")) == "theirs");
    CHECK(text_of(at.mine->get("a", {.number = 2})) == "mine");
  }
  check_clean(*at.mine);
}

TEST_CASE("a doubt that never ends is told when the caller's time is over, and not before") {
  Duel at;
  at.lose_commits();
  CHECK(code_of(at.mine->put("a", secret("two"))) == Errc::in_doubt);
  CHECK(at.log.steady() >= std::chrono::seconds(10));
  CHECK(at.log.steady() <= std::chrono::milliseconds(10'250));
  for (const auto& sent : at.script->sent) REQUIRE(sent == at.script->sent.front());
  CHECK(text_of(at.mine->get("a")) == "one");
  CHECK(at.generation() == 2);
}

TEST_CASE("the ring tells up to 31 later commits, and one more is in doubt") {
  Duel at;
  at.plan->doubt_commit(1, Doubt::applied);
  SUBCASE("31: still there") {
    once(at.script->after_commit, [&] { at.others(31); });
    CHECK(put(*at.mine, "a", "two") == 2);
  }
  SUBCASE("32: pushed out") {
    once(at.script->after_commit, [&] { at.others(32); });
    CHECK(code_of(at.mine->put("a", secret("two"))) == Errc::in_doubt);
  }
  CHECK(at.script->sent.size() == 1);
  CHECK(text_of(at.mine->get("a")) == "two");
  CHECK(at.mine->info("a")->versions.size() == 2);
  check_clean(*at.mine);
}

TEST_CASE("what did not happen is known not to have up to 32 later commits") {
  Duel at;
  at.plan->doubt_commit(1, Doubt::not_applied);
  SUBCASE("32: the ring would hold it") {
    once(at.script->after_commit, [&] { at.others(32); });
    CHECK(put(*at.mine, "a", "two") == 2);
    CHECK(text_of(at.mine->get("a")) == "two");
  }
  SUBCASE("33: it might be gone") {
    once(at.script->after_commit, [&] { at.others(33); });
    CHECK(code_of(at.mine->put("a", secret("two"))) == Errc::in_doubt);
    CHECK(text_of(at.mine->get("a")) == "one");
  }
  check_clean(*at.mine);
}

TEST_CASE("reads that fail while settling are tried again") {
  Duel at;
  bool happened = false;
  SUBCASE("it had happened") { happened = true; }
  SUBCASE("it had not") {}
  at.plan->doubt_commit(1, happened ? Doubt::applied : Doubt::not_applied);
  once(at.script->after_commit, [&] {
    for (std::size_t i = 1; i <= 9; ++i) at.plan->fail_call(i, i % 2 != 0 ? Errc::io : Errc::unavailable);
  });
  CHECK(put(*at.mine, "a", "two") == 2);
  CHECK(at.generation() == 3);
  CHECK(at.mine->info("a")->versions.size() == 2);
  check_clean(*at.mine);
}

TEST_CASE("a store that falls silent after a commit leaves it in doubt, and is believed when it is back") {
  Duel at;
  bool happened = false;
  SUBCASE("it had happened") { happened = true; }
  SUBCASE("it had not") {}
  at.plan->doubt_commit(1, happened ? Doubt::applied : Doubt::not_applied);
  once(at.script->after_commit, [&] { at.script->down = true; });
  CHECK(code_of(at.mine->put("a", secret("two"))) == Errc::in_doubt);
  at.script->down = false;
  CHECK(text_of(at.mine->get("a")) == (happened ? "two" : "one"));
  CHECK(put(*at.mine, "a", "three") == (happened ? 3 : 2));
  check_clean(*at.mine);
}

}  // namespace
}  // namespace tokenvault::test
