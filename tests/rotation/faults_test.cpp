// A fault at every call that a rotation makes, to its store or to its provider, until none is left: nothing is lost,
// and somebody who knows nothing of it brings it to an end.
#include <fmt/format.h>

#include "support/broken_world.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

using Doubt = FaultPlan::Doubt;

/// How the nth thing goes wrong. False when there were fewer.
using Break = std::function<bool(BrokenWorld& world, std::size_t nth)>;

void rotate_in(BrokenWorld& world, const std::shared_ptr<FaultPlan>& plan) {
  auto vault = world.open(plan);
  if (!vault) return;
  Rotator rotator(*vault, BrokenWorld::kName, world.log, {});
  const auto went = rotator.rotate();
  if (!went) CHECK_FALSE(went.error().message().empty());
}

bool break_store(BrokenWorld& world, const std::function<void(FaultPlan&)>& plan_it) {
  const auto plan = std::make_shared<FaultPlan>();
  plan_it(*plan);
  rotate_in(world, plan);
  return plan->pending() == 0;
}

bool break_provider(BrokenWorld& world, std::size_t nth, FakeFault fault) {
  bool met = false;
  world.provider.behaviour().fault = [&, first = world.provider.calls()](std::uint64_t call,
                                                                         std::string_view) {
    if (call != first + nth) return FakeFault::none;
    met = true;
    return fault;
  };
  rotate_in(world, nullptr);
  world.provider.behaviour().fault = {};
  return met;
}

struct Way {
  const char* name;
  Break break_it;
};

const std::vector<Way>& ways() {
  static const std::vector<Way> all{
      {"a store's call fails",
       [](BrokenWorld& w, std::size_t n) {
         return break_store(w, [n](FaultPlan& p) { p.fail_call(n, Errc::io); });
       }},
      {"a commit fails",
       [](BrokenWorld& w, std::size_t n) {
         return break_store(w, [n](FaultPlan& p) { p.fail_commit(n, Errc::io); });
       }},
      {"a commit is done and in doubt",
       [](BrokenWorld& w, std::size_t n) {
         return break_store(w, [n](FaultPlan& p) { p.doubt_commit(n, Doubt::applied); });
       }},
      {"a commit is not done and in doubt",
       [](BrokenWorld& w, std::size_t n) {
         return break_store(w, [n](FaultPlan& p) { p.doubt_commit(n, Doubt::not_applied); });
       }},
      {"the provider refuses",
       [](BrokenWorld& w, std::size_t n) { return break_provider(w, n, FakeFault::refuse); }},
      {"the provider never hears of it",
       [](BrokenWorld& w, std::size_t n) { return break_provider(w, n, FakeFault::lose_request); }},
      {"the provider's answer is lost",
       [](BrokenWorld& w, std::size_t n) { return break_provider(w, n, FakeFault::lose_answer); }},
  };
  return all;
}

void check_aftermath(BrokenWorld& world) {
  world.check_nothing_lost();
  const auto made_before = world.provider.made();
  const int asked = world.settle();
  world.check_nothing_lost();
  CHECK(asked <= 2);
  // At most one more: where the first is known not to have been made, or was swept.
  CHECK(world.provider.made() <= made_before + 1);
  auto vault = world.open();
  REQUIRE(vault);
  Rotator rotator(*vault, BrokenWorld::kName, world.log, {});
  const auto again = rotator.rotate();
  CAPTURE(why(again));
  CHECK(again);
  CHECK(world.serves(*vault));
}

}  // namespace

TEST_CASE("a fault at every call to store and provider, with each kind of provider, on each backend") {
  std::size_t points = 0;
  for (const auto* backend : kWritable)
    for (const auto& model : kModels)
      for (const auto& way : ways())
        for (std::size_t nth = 1;; ++nth) {
          CAPTURE(std::string(backend));
          CAPTURE(model.name);
          CAPTURE(std::string(way.name));
          CAPTURE(nth);
          BrokenWorld world(model, backend);
          if (!way.break_it(world, nth)) break;
          check_aftermath(world);
          ++points;
        }
  MESSAGE("points: " << points);
  CHECK(points > 350 * kWritable.size());
}
