// Whom a new token belongs to: nobody else's is taken into use, from the first rotation on.
#include "support/rotation_fixture.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

TEST_CASE("a new token of another organisation is not promoted, with each kind of provider") {
  for (const auto& model : kModels) {
    CAPTURE(model.name);
    auto how = model.behaviour();
    how.wrong_owner = true;
    RotationFixture acme(how);
    const auto done = acme.rotator().rotate();
    CAPTURE(why(done));
    REQUIRE_FALSE(done);
    CHECK(done.error().code() == Errc::needs_human);
    CHECK(done.error().message().find("belongs to another") != std::string::npos);
    CHECK(acme.version() == 1);
    CHECK(acme.rotator().abort(true));
  }
}

TEST_CASE("whom the token belongs to is asked once, and known from then on") {
  for (const auto& model : kModels) {
    CAPTURE(model.name);
    RotationFixture acme(model.behaviour());
    REQUIRE(acme.rotator().rotate());
    CHECK(acme.status().owner == "acme");
    acme.vaults.clock.advance(std::chrono::hours(2));
    CHECK(acme.rotator().resume());
    acme.provider.behaviour().wrong_owner = true;
    const auto calls = acme.provider.calls();
    CHECK_FALSE(acme.rotator().rotate());
    // One that dies is looked at before, but where asking twice does no harm.
    const bool looks = model.old == OldToken::dies && model.issue != Issue::replay_safe;
    CHECK(acme.provider.calls() == calls + (looks ? 4 : 3));
    CHECK(acme.version() == 2);
  }
}

TEST_CASE("the policy's owner comes before what the old token says") {
  auto how = kModels[0].behaviour();
  how.wrong_owner = true;
  RotationFixture acme(how);
  Policy policy;
  policy.provider = "fake";
  policy.owner = "another";
  REQUIRE(acme.vault.set_policy(RotationFixture::kName, policy));
  const auto done = acme.rotator().rotate();
  CAPTURE(why(done));
  CHECK(done);
  CHECK(acme.version() == 2);
}
