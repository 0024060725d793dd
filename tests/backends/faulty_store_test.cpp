#include "support/faulty_store.hpp"

#include <doctest/doctest.h>

#include "support/blobs.hpp"
#include "support/store_contract.hpp"
#include "tokenvault/backends.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

struct Faultless final : StoreFixture {
  std::unique_ptr<Store> open() override {
    return std::make_unique<FaultyStore>(*open_memory_store(), std::make_shared<FaultPlan>());
  }
};

TV_STORE_CONTRACT(Faultless)

}  // namespace

TEST_CASE("faults come at the call they were planned for, once") {
  const auto plan = std::make_shared<FaultPlan>();
  FaultyStore store(*open_memory_store(), plan);
  plan->fail_call(2, Errc::unreachable);
  plan->fail_commit(2, Errc::io);
  CHECK(*store.revision() == Revision::absent);
  CHECK(store.revision().error().code() == Errc::unreachable);
  const auto first = commit_to(store, Revision::absent, "one");
  REQUIRE(first.has_value());
  CHECK(commit_to(store, *first, "two").error().code() == Errc::io);
  CHECK(*store.revision() == *first);
  CHECK(commit_to(store, *first, "two").has_value());
  CHECK(plan->commits() == 3);
  CHECK(plan->calls() == 6);
}

TEST_CASE("a doubtful commit was applied or was not, as planned") {
  const auto plan = std::make_shared<FaultPlan>();
  FaultyStore store(*open_memory_store(), plan);
  plan->doubt_commit(1, FaultPlan::Doubt::not_applied);
  CHECK(commit_to(store, Revision::absent, "one").error().code() == Errc::in_doubt);
  CHECK(*store.revision() == Revision::absent);
  plan->doubt_commit(1, FaultPlan::Doubt::applied);
  CHECK(commit_to(store, Revision::absent, "one").error().code() == Errc::in_doubt);
  CHECK(text_of_root(store.root()->bytes) == "one");
}
