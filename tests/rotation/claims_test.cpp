// Two who look for tokens that were made and never came: each counts only while it holds the claim.
#include "support/each_world.hpp"
#include "support/scripted_store.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

TEST_CASE("who lost its claim while it ended unseen tokens does not say that none is left") {
  RotationFixture acme(kModels[0].behaviour());
  auto other = acme.rotator();
  bool met = false, inside = false;
  acme.provider.behaviour().fault = [&](std::uint64_t, std::string_view verb) {
    if (verb == "issue" && acme.provider.made() < 2) return FakeFault::lose_answer;
    // The other one has had its second call, and hears of nothing any more.
    if (verb == "probe" && inside && acme.provider.made() == 2) return FakeFault::lose_request;
    if (verb == "revoke" && !met) {
      met = inside = true;
      acme.vaults.clock.advance(std::chrono::hours(1));  // more than it said that it would take
      check_fails(other.resume(), Errc::unreachable);
      inside = false;
    }
    return FakeFault::none;
  };
  check_done(acme.rotator().rotate());
  CHECK(met);
  CHECK(acme.provider.made() == 3);
  CHECK(acme.provider.live() == 2);  // the first, which is nobody's to end, and the one in use
  CHECK(acme.serves());
}

TEST_CASE("nobody ends unseen tokens while another is asking for one") {
  RotationFixture acme(kModels[0].behaviour());
  const auto slow = std::make_shared<Script>(), quick = std::make_shared<Script>();
  const auto open = [&](const std::shared_ptr<Script>& script) {
    auto vault = Vault::open(std::make_unique<ScriptedStore>(acme.vaults.view(), script), raw_key(),
                             acme.vaults.options());
    REQUIRE(vault);
    return *std::move(vault);
  };
  auto slow_vault = open(slow), quick_vault = open(quick);
  int probes = 0, commits = 0;
  acme.provider.behaviour().fault = [&](std::uint64_t, std::string_view verb) {
    if (verb == "probe") ++probes;
    if (verb != "issue") return FakeFault::none;
    // The quick one is asking, and says nothing more of it.
    quick->down = acme.provider.made() == 1;
    return FakeFault::lose_answer;
  };
  // The second commit after it asked about the old token is its claim.
  slow->before_commit = [&] {
    if (probes == 0 || ++commits != 2) return;
    check_fails(Rotator(quick_vault, RotationFixture::kName, acme.provider, acme.options()).rotate(),
                Errc::io);
    CHECK(acme.status().phase == Phase::issuing);
  };
  Rotator rotator(slow_vault, RotationFixture::kName, acme.provider, acme.options());
  check_fails(rotator.rotate(), Errc::unavailable);
  CHECK(commits >= 2);
  CHECK(acme.provider.made() == 2);
  CHECK(acme.provider.live() == 2);  // what the quick one is about to get is not taken from it
}
