// A rotation from beginning to end, with each kind of provider.
#include "support/rotation_fixture.hpp"

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
      if (!model.revoke && model.old == OldToken::kept) {
        CHECK(acme.status().obligations.size() == round);
      } else if (round > 1) {
        CHECK(acme.provider.live() == 1 + (model.old == OldToken::kept ? 1 : 0));  // the first is nobody's
      }
    }
  }
}
