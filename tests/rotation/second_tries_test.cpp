// What takes two things that go wrong, two old tokens, or two calls in a row.
#include "support/each_world.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

using namespace std::chrono_literals;

/// Everything of this verb goes wrong like that.
auto failing(std::string_view wrong, FakeFault how) {
  return [wrong, how](std::uint64_t, std::string_view verb) { return verb == wrong ? how : FakeFault::none; };
}

}  // namespace

TEST_CASE("what was made unseen is looked for again where looking for it failed") {
  RotationFixture acme(kModels[0].behaviour());
  acme.provider.behaviour().fault = [](std::uint64_t, std::string_view verb) {
    if (verb == "issue") return FakeFault::lose_answer;
    return verb == "find" ? FakeFault::refuse : FakeFault::none;
  };
  check_fails(acme.rotator().rotate(), Errc::unreachable);
  CHECK(acme.status().phase == Phase::uncertain);
  CHECK(acme.provider.live() == 2);
  acme.provider.behaviour().fault = {};
  acme.vaults.clock.advance(24h);
  check_done(acme.rotator().rotate());
  CHECK(acme.serves());
  check_done(acme.rotator().retire(true));
  CHECK(acme.provider.live() == 1);
}

TEST_CASE("of two old tokens both are ended by one call") {
  RotationFixture acme(kModels[0].behaviour());
  acme.provider.behaviour().fault = failing("revoke", FakeFault::refuse);
  check_done(acme.rotator().rotate());
  acme.vaults.clock.advance(24h);
  check_done(acme.rotator().rotate());
  CHECK(acme.provider.live() == 3);
  acme.provider.behaviour().fault = {};
  acme.vaults.clock.advance(24h);
  check_done(acme.rotator().retire(true));
  CHECK(acme.provider.live() == 1);
  CHECK(acme.status().obligations.empty());
  CHECK(acme.serves());
}

TEST_CASE("a rotation whose new token is known to be good is finished by whoever rotates") {
  RotationFixture acme(kModels[0].behaviour());
  check_done(acme.rotator().start());
  check_done(acme.rotator().issue());
  check_done(acme.rotator().verify());
  CHECK(acme.status().phase == Phase::verified);
  check_done(acme.rotator().rotate());
  CHECK(acme.version() == 2);
  CHECK(acme.serves());
}

TEST_CASE("a new token of which the provider says nothing is not known to be good") {
  RotationFixture acme(kModels[0].behaviour());
  check_done(acme.rotator().start());
  check_done(acme.rotator().issue());
  acme.provider.behaviour().fault = failing("probe", FakeFault::refuse);
  check_fails(acme.rotator().verify(), Errc::unreachable);
  CHECK(acme.status().phase == Phase::staged);
  CHECK(acme.version() == 1);
}

TEST_CASE("a new token that is seen late is asked for again as long as the provider declares") {
  auto how = kModels[0].behaviour();
  how.probes_until_seen = 3;
  how.capabilities.propagation = 10s;
  RotationFixture acme(how);
  check_done(acme.rotator().rotate());
  CHECK(acme.serves());
  CHECK(acme.status().attempts == 0);
}

TEST_CASE("no old token is ended while the current one is not good, however often one asks") {
  RotationFixture acme(kModels[0].behaviour());
  const auto old = acme.vault.get(RotationFixture::kName);
  REQUIRE(old);
  Policy policy;
  policy.provider = "fake";
  policy.grace = 1h;
  REQUIRE(acme.vault.set_policy(RotationFixture::kName, policy));
  check_done(acme.rotator().rotate());
  const auto current = acme.vault.get(RotationFixture::kName);
  ProviderRequest lost;
  lost.token = &*current;
  REQUIRE(acme.provider.revoke(lost));
  for (int i = 0; i < 2; ++i) {
    check_fails(acme.rotator().retire(true), Errc::needs_human);
    CHECK(acme.provider.accepts(*old));
  }
  CHECK(acme.status().obligations.size() == 1);
}
