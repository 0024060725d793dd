// A process that rotates is killed before and after each thing it does to the store or has the provider do, until
// one lives to the end. Whoever comes next finds a vault that serves, and brings the rotation to its end.
#include <sys/wait.h>
#include <unistd.h>

#include "support/broken_world.hpp"
#include "support/killing.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

/// The whole of a rotation and of what comes after it. False when the process was killed.
bool rotate_in_child(BrokenWorld& world, int moment) {
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Fate fate(moment);
    auto vault = Vault::open(std::make_unique<KillingStore>(world.place(), fate), raw_key(), world.options());
    if (!vault) ::_exit(1);
    KillingProvider provider(world.provider, fate);
    Rotator rotator(*vault, BrokenWorld::kName, provider, {});
    const auto went = rotator.rotate();
    world.clock.advance(std::chrono::hours(1));
    ::_exit(went && rotator.resume() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) {
    REQUIRE(WTERMSIG(status) == SIGKILL);
    return false;
  }
  REQUIRE(WEXITSTATUS(status) == 0);
  return true;
}

/// Whether any version in the vault is taken by the provider.
bool holds_good_token(const BrokenWorld& world) {
  auto vault = world.open();
  REQUIRE(vault);
  const auto info = vault->info(BrokenWorld::kName);
  REQUIRE(info);
  return std::ranges::any_of(info->versions, [&](const VersionInfo& version) {
    const auto value = vault->get(BrokenWorld::kName, {.number = version.number, .expired_ok = true});
    return value && world.provider.accepts(*value);
  });
}

bool serves(const BrokenWorld& world) {
  auto vault = world.open();
  REQUIRE(vault);
  return world.serves(*vault);
}

/// The one moment in which nobody can help: the provider has ended the old token and made one that it will not
/// give again, and the process dies before it is sealed.
bool may_be_lost(const ProviderModel& model) {
  return model.old == OldToken::dies && model.issue != Issue::replay_safe;
}

}  // namespace

TEST_CASE("kill -9 around every commit and every call to the provider") {
  int points = 0, unsealed = 0;
  for (const auto* backend : kDurable)
    for (const auto& model : kModels) {
      int unsealed_here = 0;
      for (int moment = 1;; ++moment) {
        CAPTURE(std::string(backend));
        CAPTURE(model.name);
        CAPTURE(moment);
        BrokenWorld world(model, backend);
        if (rotate_in_child(world, moment)) break;
        ++points;
        const bool good = holds_good_token(world);
        if (!good) ++unsealed_here;
        CHECK((good || may_be_lost(model) || model.issue == Issue::replay_safe));
        if (model.old != OldToken::dies) CHECK(serves(world));
        const int asked = world.settle();
        if (good && model.find) CHECK(asked == 0);
        if (model.issue == Issue::replay_safe) CHECK(asked == 0);
        CHECK(serves(world));
        CHECK(world.provider.made() <= 2);
      }
      // Returned but not handed over, handed over but not sealed, sealed but not committed: one window, four moments.
      CHECK(unsealed_here <= (model.old == OldToken::dies ? 4 : 0));
      unsealed += unsealed_here;
    }
  MESSAGE("points: " << points << ", of them before the new token was sealed where the old one had ended: "
                     << unsealed);
  CHECK(points > 100 * static_cast<int>(kDurable.size()));
}
