// Which tokens are due, and why.
#include "support/rotation_fixture.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::seconds kTenYears = 24h * 3653;

struct Due : RotationFixture {
  explicit Due(const ProviderModel& model = kModels[0]) : RotationFixture(model.behaviour()) {
    policy.provider = "fake";
    policy.rotate_after = 24h * 30;
    policy.grace = 1h;
    set();
  }
  void set() { REQUIRE(vault.set_policy(kName, policy)); }
  /// "name reason", or nothing.
  std::string list() {
    const auto found = due(vault);
    REQUIRE(found);
    std::string text;
    for (const auto& token : *found) text += token.name + " " + std::string(to_string(token.reason)) + "\n";
    return text;
  }
  void fail_calls() {
    provider.behaviour().fault = [](std::uint64_t, std::string_view) { return FakeFault::lose_request; };
  }
  Policy policy;
};

}  // namespace

TEST_CASE("a token is due at its age, and not before") {
  Due acme;
  CHECK(acme.list() == "");
  acme.vaults.clock.advance(24h * 30 - 1s);
  CHECK(acme.list() == "");
  acme.vaults.clock.advance(1s);
  CHECK(acme.list() == "acme/api age\n");
  REQUIRE(acme.rotator().rotate());
  CHECK(acme.list() == "");
}

TEST_CASE("without an age it is due only when it is asked for") {
  Due acme;
  acme.policy.rotate_after = 0s;
  acme.set();
  acme.vaults.clock.advance(24h * 300);
  CHECK(acme.list() == "");
}

TEST_CASE("a removed token is not due") {
  Due acme;
  acme.vaults.clock.advance(24h * 31);
  REQUIRE(acme.vault.erase(RotationFixture::kName));
  CHECK(acme.list() == "");
  REQUIRE(acme.vault.undelete(RotationFixture::kName));
  CHECK(acme.list() == "acme/api age\n");
}

TEST_CASE("an open rotation is due when its next try may be made") {
  Due acme(kModels[1]);
  acme.fail_calls();
  CHECK_FALSE(acme.rotator().rotate());
  CHECK(acme.list() == "");
  REQUIRE(acme.status().next_try);
  acme.vaults.clock.advance(*acme.status().next_try - acme.vaults.clock.now() - 1s);
  CHECK(acme.list() == "");
  acme.vaults.clock.advance(1s);
  CHECK(acme.list() == "acme/api step\n");
}

TEST_CASE("a next try that no back-off ever sets comes from a wrong clock, and is not waited for") {
  Due acme(kModels[1]);
  acme.vaults.clock.step(kTenYears);
  acme.fail_calls();
  CHECK_FALSE(acme.rotator().rotate());
  acme.vaults.clock.step(-kTenYears);
  CHECK(acme.list() == "acme/api step\n");
}

TEST_CASE("the end of a grace is due by the time that passed, and not by a clock that was set") {
  Due acme;
  REQUIRE(acme.rotator().rotate());
  CHECK(acme.list() == "");
  for (const auto step : {kTenYears, -kTenYears}) {
    acme.vaults.clock.step(step);
    CHECK(acme.list().find("step") == std::string::npos);
    acme.vaults.clock.step(-step);
  }
  acme.vaults.clock.advance(1h);
  CHECK(acme.list() == "acme/api step\n");
}

TEST_CASE("what waits for a person is not due") {
  Due acme(kModels[3]);
  int calls = 0;
  acme.provider.behaviour().fault = [&](std::uint64_t, std::string_view verb) {
    return verb == "issue" && ++calls == 1 ? FakeFault::lose_answer : FakeFault::none;
  };
  CHECK(code_of(acme.rotator().rotate()) == Errc::needs_human);
  REQUIRE(acme.status().asks);
  acme.vaults.clock.advance(24h * 40);
  CHECK(acme.list() == "");
}

TEST_CASE("an old token that is owed is due, after the grace that is left") {
  Due acme;
  REQUIRE(acme.rotator().rotate());
  acme.vaults.clock.advance(1h);
  REQUIRE(acme.rotator().resume());
  REQUIRE(acme.rotator().rotate());
  REQUIRE(acme.rotator().abort());  // in its grace: nothing is open, and version 2 is owed
  REQUIRE_FALSE(acme.status().open());
  CHECK(acme.list() == "");
  acme.vaults.clock.advance(1h);
  CHECK(acme.list() == "acme/api owed\n");
  CHECK(acme.rotator().resume());
  CHECK(acme.list() == "");
}

TEST_CASE("one that is later than can be believed is left alone") {
  Due acme;
  acme.vaults.clock.step(kTenYears);
  CHECK(acme.list() == "acme/api far_late\n");
  acme.vaults.clock.step(-2 * kTenYears);
  CHECK(acme.list() == "");
  acme.vaults.clock.step(kTenYears);
  acme.vaults.clock.advance(24h * 60);
  CHECK(acme.list() == "acme/api age\n");  // late by as much as its own age
  acme.vaults.clock.advance(1s);
  CHECK(acme.list() == "acme/api far_late\n");
}

TEST_CASE("the earliest comes first") {
  Due acme;
  acme.vaults.clock.advance(1h);
  put(acme.vault, "acme/two", "second-token");
  put(acme.vault, "acme/three", "third-token");
  REQUIRE(acme.vault.set_policy("acme/two", acme.policy));
  auto sooner = acme.policy;
  sooner.rotate_after = 24h * 10;
  REQUIRE(acme.vault.set_policy("acme/three", sooner));
  acme.vaults.clock.advance(24h * 35);
  CHECK(acme.list() == "acme/three age\nacme/api age\nacme/two age\n");
}
