// A rotation from beginning to end, with each kind of provider.
#include <utility>

#include "support/each_world.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

TEST_CASE("one call takes a token from old to new, with each kind of provider") {
  for (const auto& model : kModels) {
    CAPTURE(model.name);
    RotationFixture acme(model.behaviour());
    auto rotator = acme.rotator();
    for (std::uint32_t round = 1; round <= 3; ++round) {
      const auto done = rotator.rotate();
      CAPTURE(why(done));
      REQUIRE(done);
      CHECK(acme.version() == round + 1);
      CHECK(acme.provider.made() == round);
      CHECK(acme.serves());
      acme.vaults.clock.advance(std::chrono::hours(2));
      const auto rest = rotator.resume();
      CAPTURE(why(rest));
      CHECK(rest);
      CHECK_FALSE(acme.status().open());
      CHECK(acme.status().note.find("grace") == std::string::npos);  // that is over
      if (!model.revoke && model.old == OldToken::kept) {
        CHECK(acme.status().obligations.size() == round);
      } else if (round > 1) {
        CHECK(acme.provider.live() == 1 + (model.old == OldToken::kept ? 1 : 0));  // the first is nobody's
      }
    }
  }
}

TEST_CASE("three commits lead from old to new, and one more ends what is owed") {
  for (const auto& model : kModels) {
    CAPTURE(model.name);
    BrokenWorld world(model, "memory");
    const auto plan = std::make_shared<FaultPlan>();
    auto vault = world.open(plan);
    REQUIRE(vault);
    Rotator rotator(*vault, BrokenWorld::kName, world.log, {});
    check_done(rotator.rotate());
    CHECK(plan->commits() == 3);
    world.clock.advance(std::chrono::hours(2));
    check_done(rotator.rotate());
    const std::size_t ends_grace = model.old == OldToken::dies ? 0 : 1;
    CHECK(plan->commits() == 6 + ends_grace);
  }
}

TEST_CASE("while a rotation is open nothing else changes the token's versions") {
  BrokenWorld world(kModels[0], "memory");
  Worker worker(world);
  check_done(worker.rotator.start());
  CHECK(code_of(worker.vault.put(BrokenWorld::kName, secret("by hand"))) == Errc::needs_human);
  bool drawn = false;
  const TokenSource one = [&]() -> Result<std::optional<NewToken>> {
    if (std::exchange(drawn, true)) return std::optional<NewToken>();
    return std::optional(NewToken{BrokenWorld::kName, secret("by hand"), {}, {}});
  };
  CHECK(code_of(worker.vault.put_all(one, Existing::replace)) == Errc::needs_human);
  CHECK(code_of(worker.vault.rollback(BrokenWorld::kName, 1)) == Errc::needs_human);
  CHECK(worker.vault.destroy(BrokenWorld::kName).error().code() == Errc::needs_human);
  check_done(worker.rotator.abort());
  CHECK(worker.vault.put(BrokenWorld::kName, secret("by hand")));
}

TEST_CASE("a token that is hidden in the middle of a rotation can be shown again, and finished") {
  BrokenWorld world(kModels[0], "memory");
  Worker worker(world);
  check_done(worker.rotator.start());
  check_done(worker.rotator.issue());
  REQUIRE(worker.vault.erase(BrokenWorld::kName));
  CHECK_FALSE(worker.rotator.rotate());
  REQUIRE(worker.vault.undelete(BrokenWorld::kName));
  check_done(worker.rotator.rotate());
  CHECK(worker.version() == 2);
}

TEST_CASE("no rotation begins of a token that is hidden") {
  BrokenWorld world(kModels[0], "memory");
  Worker worker(world);
  REQUIRE(worker.vault.erase(BrokenWorld::kName));
  check_fails(worker.rotator.start(), Errc::not_found);
  check_fails(worker.rotator.rotate(), Errc::not_found);
  REQUIRE(worker.vault.undelete(BrokenWorld::kName));
  CHECK(worker.status().phase == Phase::idle);
  CHECK(world.provider.calls() == 0);
}

namespace {

/// A rotation whose store takes so many commits not, from the one on that seals the new token.
struct Sealing {
  explicit Sealing(std::size_t failing) {
    for (std::size_t i = 0; i < failing; ++i) plan->fail_commit(2 + i, Errc::io);
    RotatorOptions options;
    options.progress = [this](const std::string& line) { said += line + "\n"; };
    auto vault = world.open(plan);
    REQUIRE(vault);
    went = status_of(Rotator(*vault, BrokenWorld::kName, world.log, std::move(options)).rotate());
    CHECK(plan->pending() == 0);
  }

  BrokenWorld world{kModels[0], "memory"};
  std::shared_ptr<FaultPlan> plan = std::make_shared<FaultPlan>();
  std::string said;
  Status went = Ok{};
};

}  // namespace

TEST_CASE("a token that came is sealed though the store fails nine times") {
  Sealing after(9);
  CHECK_MESSAGE(after.went, (after.went ? "" : after.went.error().message()));
  CHECK(after.said.find("do not end this") != std::string::npos);
  CHECK(after.world.provider.made() == 1);
  CHECK(Worker(after.world).version() == 2);
}

TEST_CASE("a token that can never be sealed is told as lost, and another one takes its place") {
  Sealing after(10);
  REQUIRE_FALSE(after.went);
  CHECK(after.went.error().code() == Errc::io);
  CHECK(after.went.error().message().find("came and is lost") != std::string::npos);
  Worker worker(after.world);
  check_done(worker.rotator.resume());
  CHECK(worker.version() == 2);
  CHECK(after.world.serves(worker.vault));
  CHECK(after.world.provider.live() == 2);  // the lost one was ended
}

TEST_CASE("a person brings the token where the provider makes none") {
  FakeBehaviour how;
  how.capabilities.issue = Issue::human;
  for (const bool can_probe : {true, false}) {
    how.capabilities.probe = can_probe;
    RotationFixture acme(how);
    auto rotator = acme.rotator();
    check_fails(rotator.rotate(), Errc::needs_human);
    CHECK(acme.status().phase == Phase::intent);
    CHECK(acme.status().asks);
    auto fresh = acme.provider.make_token();
    REQUIRE(fresh);
    const auto text = text_of(*fresh);
    check_done(rotator.stage(*std::move(fresh)));
    if (can_probe) {
      check_done(rotator.rotate());
    } else {
      check_fails(rotator.rotate(), Errc::needs_human);
      check_fails(rotator.verify(), Errc::needs_human);
      check_done(rotator.promote(true));
    }
    CHECK(text_of(acme.vault.get(RotationFixture::kName)) == text);
    CHECK(acme.provider.made() == 0);
    CHECK_FALSE(acme.status().open());
    check_fails(rotator.discard(), Errc::conflict);
    check_fails(rotator.promote(), Errc::conflict);
  }
}

TEST_CASE("a value that is typed twice is one version, and another one is kept aside") {
  FakeBehaviour how;
  how.capabilities.issue = Issue::human;
  RotationFixture acme(how);
  auto rotator = acme.rotator();
  check_done(rotator.start());
  check_done(rotator.stage(secret("first")));
  check_fails(rotator.stage(secret("first")), Errc::conflict);
  CHECK(acme.vault.info(RotationFixture::kName)->versions.size() == 2);
  check_fails(rotator.stage(secret("second")), Errc::conflict);
  CHECK(text_of(acme.vault.get(RotationFixture::kName, {.number = 3})) == "second");
  CHECK(acme.status().new_version == 2);
}

namespace {

/// One that cannot even be asked what it is.
class Gone final : public Provider {
 public:
  Result<ProviderCapabilities> describe() override { return Error(Errc::unreachable, "no such program"); }
  Result<IssueAnswer> issue(const ProviderRequest&, const KeepToken&) override { return IssueAnswer{}; }
  Result<ProbeAnswer> probe(const ProviderRequest&) override { return ProbeAnswer{}; }
};

}  // namespace

TEST_CASE("giving up, and sealing what a person brings, need no provider") {
  FakeBehaviour how;
  how.capabilities.issue = Issue::human;
  RotationFixture acme(how);
  auto policy = Policy{};
  policy.provider = "gone";
  policy.secrets = {{"admin", "not/there"}};
  REQUIRE(acme.vault.set_policy(RotationFixture::kName, policy));
  Gone gone;
  Rotator rotator(acme.vault, RotationFixture::kName, gone, acme.options());
  check_fails(rotator.rotate(), Errc::unreachable);
  check_done(rotator.stage(secret("brought")));
  CHECK(text_of(acme.vault.get(RotationFixture::kName, {.number = 2})) == "brought");
  check_done(rotator.abort());
  check_done(rotator.waive(2));
  CHECK_FALSE(acme.status().open());
}

TEST_CASE("to verify what has not come asks nobody and begins nothing") {
  BrokenWorld world(kModels[0], "memory");
  Worker worker(world);
  check_fails(worker.rotator.verify(), Errc::conflict);
  check_done(worker.rotator.start());
  check_fails(worker.rotator.verify(), Errc::conflict);
  CHECK(worker.status().phase == Phase::intent);
  CHECK(world.provider.calls() == 0);
}

TEST_CASE("the note keeps what a provider said when it refused") {
  BrokenWorld world(kModels[0], "memory");
  Worker worker(world);
  world.provider.behaviour().fault = [](std::uint64_t, std::string_view verb) {
    return verb == "issue" ? FakeFault::refuse : FakeFault::none;
  };
  check_fails(worker.rotator.rotate(), Errc::unreachable);
  CHECK(worker.status().note.find("not now") != std::string::npos);
  CHECK(worker.status().next_try);
}

TEST_CASE("the note says why no old token is ended yet") {
  BrokenWorld world(kModels[0], "memory");
  Worker worker(world);
  check_done(worker.rotator.rotate());
  world.provider.behaviour().fault = [](std::uint64_t, std::string_view verb) {
    return verb == "probe" ? FakeFault::refuse : FakeFault::none;
  };
  check_fails(worker.rotator.retire(true), Errc::unreachable);
  CHECK(worker.status().phase == Phase::retiring);
  CHECK(worker.status().note.find("no old one is ended before") != std::string::npos);
}
