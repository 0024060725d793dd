// What is owed for a token, and when that keeps the next rotation from beginning.
#include "support/each_world.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

TEST_CASE("what may have been made unseen is owed when its rotation is given up, and ended later") {
  RotationFixture acme(kModels[0].behaviour());
  acme.provider.behaviour().fault = [](std::uint64_t, std::string_view verb) {
    return verb == "issue" ? FakeFault::lose_answer : FakeFault::lose_request;
  };
  check_fails(acme.rotator().rotate(), Errc::unreachable);
  const auto id = acme.status().id;
  check_done(acme.rotator().abort());
  const auto owed = acme.status().obligations;
  REQUIRE(owed.size() == 1);
  CHECK(owed[0].version == 0);
  CHECK(owed[0].id == id);
  CHECK(owed[0].ours);
  CHECK(acme.provider.live() == 2);
  acme.provider.behaviour().fault = {};
  check_done(acme.rotator().resume());
  CHECK(acme.provider.live() == 1);
  CHECK(acme.status().obligations.empty());
  CHECK(acme.serves());
}

TEST_CASE("no rotation begins where what it owes might find no room any more") {
  RotationFixture acme(kModels[3].behaviour());  // nothing can be ended there
  auto rotator = acme.rotator();
  auto went = rotator.rotate();
  for (int i = 0; i < 70 && went; ++i) went = rotator.rotate();
  check_fails(went, Errc::needs_human);
  CHECK(acme.status().phase == Phase::done);
  CHECK(acme.status().obligations.size() == 57);  // of 64
  check_done(rotator.waive(1));
  check_done(rotator.rotate());
}

TEST_CASE("tokens that come late are kept aside as long as what is owed can be read back") {
  FakeBehaviour how;
  how.capabilities.issue = Issue::human;
  RotationFixture acme(how);
  auto rotator = acme.rotator();
  check_done(rotator.stage(secret("first")));
  for (int i = 0; i < 64; ++i)
    check_fails(rotator.stage(secret("late " + std::to_string(i))), Errc::conflict);
  check_fails(rotator.stage(secret("one too many")), Errc::refused);
  CHECK(acme.status().obligations.size() == 64);
  CHECK(acme.vault.info(RotationFixture::kName)->versions.size() == 66);
}

TEST_CASE("where the provider keeps one old token, no second rotation pushes it out before its time") {
  RotationFixture acme(kModels[6].behaviour());
  check_done(acme.rotator().rotate());
  check_done(acme.rotator().abort());  // in its grace, which goes on
  const auto old = acme.vault.get(RotationFixture::kName, {.number = 1});
  REQUIRE(old);
  check_fails(acme.rotator().rotate(), Errc::needs_human);
  CHECK(acme.provider.accepts(*old));
  CHECK(acme.provider.made() == 1);
  acme.vaults.clock.advance(std::chrono::hours(1));
  check_done(acme.rotator().rotate());
  CHECK(acme.version() == 3);
}
