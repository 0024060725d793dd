// A token that comes while another one took its place.
#include "support/rotation_fixture.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

TEST_CASE("what a provider tells of a token that came late is not noted of the one that came first") {
  RotationFixture acme(kModels[0].behaviour());
  auto brought = acme.provider.make_token();  // id2
  REQUIRE(brought);
  auto other = acme.rotator();
  acme.provider.behaviour().fault = [&](std::uint64_t, std::string_view verb) {
    if (verb == "issue" && brought) {
      CHECK(other.stage(*std::move(brought)));
      brought = Error(Errc::not_found, "taken");
    }
    return FakeFault::none;
  };
  Policy policy;
  policy.provider = "fake";
  policy.grace = std::chrono::hours(1);
  REQUIRE(acme.vault.set_policy(RotationFixture::kName, policy));
  const auto done = acme.rotator().rotate();
  CAPTURE(why(done));
  REQUIRE(done);
  CHECK(acme.version() == 2);
  CHECK(acme.serves());
  // The one that came late is kept as version 3, and owed.
  CHECK(acme.vault.get(RotationFixture::kName, {.number = 3}));
  acme.vaults.clock.advance(std::chrono::hours(2));
  CHECK(acme.rotator().resume());
  REQUIRE(acme.rotator().rotate());  // makes a debt of version 2, with the provider's name for it
  bool met = false;
  for (const auto& owed : acme.status().obligations)
    if (owed.version == 2) {
      CHECK(owed.id == "id2");
      met = true;
    }
  CHECK(met);
}

TEST_CASE("a token that comes for a rotation that was given up is not the next one's") {
  RotationFixture acme(kModels[3].behaviour());
  auto other = acme.rotator();
  int calls = 0;
  acme.provider.behaviour().fault = [&](std::uint64_t, std::string_view verb) {
    if (verb == "issue" && ++calls == 1) {
      CHECK(other.abort(true));
      CHECK(other.start());
    }
    return FakeFault::none;
  };
  const auto done = acme.rotator().rotate();
  CAPTURE(why(done));
  REQUIRE(done);
  CHECK(acme.version() == 3);
  CHECK(acme.serves());
  const auto info = acme.vault.info(RotationFixture::kName);
  REQUIRE(info);
  REQUIRE(info->versions.size() == 3);
  CHECK(info->versions[1].stage == Stage::retired);
  bool owed = false;
  for (const auto& one : acme.status().obligations) owed = owed || (one.version == 2 && one.ours);
  CHECK(owed);
}

TEST_CASE("what was learnt before a token came says nothing of that token") {
  RotationFixture acme(kModels[2].behaviour());
  auto brought = acme.provider.make_token();
  REQUIRE(brought);
  auto other = acme.rotator();
  acme.provider.behaviour().fault = [&](std::uint64_t, std::string_view verb) {
    if (verb == "probe" && brought) {
      CHECK(other.stage(*std::move(brought)));
      brought = Error(Errc::not_found, "taken");
    }
    return verb == "issue" ? FakeFault::lose_answer : FakeFault::none;
  };
  const auto done = acme.rotator().rotate();
  CAPTURE(why(done));
  REQUIRE(done);
  CHECK(acme.version() == 2);
  CHECK(acme.serves());
}

TEST_CASE("an old token keeps its grace when the rotation is given up in it") {
  RotationFixture acme(kModels[0].behaviour());
  Policy policy;
  policy.provider = "fake";
  policy.grace = std::chrono::hours(1);
  REQUIRE(acme.vault.set_policy(RotationFixture::kName, policy));
  REQUIRE(acme.rotator().rotate());
  acme.vaults.clock.advance(std::chrono::hours(1));
  REQUIRE(acme.rotator().resume());
  REQUIRE(acme.rotator().rotate());
  CHECK(acme.provider.live() == 3);  // the first is nobody's to end
  REQUIRE(acme.rotator().abort());
  CHECK(acme.rotator().resume());
  CHECK(acme.provider.live() == 3);
  const auto before = due(acme.vault);
  REQUIRE(before);
  CHECK(before->empty());
  acme.vaults.clock.advance(std::chrono::hours(1));
  const auto after = due(acme.vault);
  REQUIRE(after);
  CHECK(after->size() == 1);
  CHECK(acme.rotator().resume());
  CHECK(acme.provider.live() == 2);
}

TEST_CASE("a person ends the old token though its rotation was given up in its grace") {
  RotationFixture acme(kModels[0].behaviour());
  Policy policy;
  policy.provider = "fake";
  policy.grace = std::chrono::hours(1);
  REQUIRE(acme.vault.set_policy(RotationFixture::kName, policy));
  REQUIRE(acme.rotator().rotate());
  REQUIRE(acme.rotator().abort());
  CHECK(acme.provider.live() == 2);
  REQUIRE(acme.rotator().retire(true));
  CHECK(acme.provider.live() == 1);
  CHECK(acme.status().obligations.empty());
  CHECK(acme.serves());
}

TEST_CASE("what was told of one rotation's token is not noted of the next one's") {
  RotationFixture acme(kModels[3].behaviour());
  auto rotator = acme.rotator();
  REQUIRE(rotator.rotate());
  REQUIRE(rotator.start());
  auto brought = acme.provider.make_token();
  REQUIRE(brought);
  REQUIRE(rotator.stage(*std::move(brought)));  // id3
  REQUIRE(rotator.verify());
  REQUIRE(rotator.promote());
  REQUIRE(rotator.rotate());
  REQUIRE(acme.status().obligations.size() == 3);
  CHECK(acme.status().obligations[2].version == 3);
  CHECK(acme.status().obligations[2].id == "id3");
}

TEST_CASE("what is told when a token is made is noted though nobody probes it then") {
  RotationFixture acme(kModels[0].behaviour());
  REQUIRE(acme.rotator().start());
  REQUIRE(acme.rotator().issue());
  REQUIRE(acme.rotator().abort());
  REQUIRE(acme.status().obligations.size() == 1);
  CHECK(acme.status().obligations[0].id == "id2");
}

TEST_CASE("an old token that nobody can end is owed until it ends by itself, also when retired before") {
  RotationFixture acme(kModels[4].behaviour());
  REQUIRE(acme.rotator().rotate());
  REQUIRE(acme.rotator().start());  // nothing new: it is in its grace
  REQUIRE(acme.rotator().retire());
  CHECK(acme.status().phase == Phase::done);
  CHECK(acme.status().obligations.size() == 1);
  acme.vaults.clock.step(std::chrono::hours(24 * 3653));  // by no clock that is set
  CHECK(acme.rotator().resume());
  CHECK(acme.status().obligations.size() == 1);
  acme.vaults.clock.step(-std::chrono::hours(24 * 3653));
  acme.vaults.clock.advance(std::chrono::hours(1));
  CHECK(acme.rotator().resume());
  CHECK(acme.status().obligations.empty());
  CHECK(acme.provider.live() == 1);
}
