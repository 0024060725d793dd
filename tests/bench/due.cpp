// What `rotate due` looks at, against the whole list: 10 tokens due of 10,000 that have a policy.
#include "bench/filled.hpp"
#include "bench/ratio.hpp"
#include "support/counting_store.hpp"
#include "support/fake_clock.hpp"
#include "tokenvault/rotation.hpp"

namespace tokenvault::bench {
namespace {

constexpr int kTokens = 10'000, kDue = 10;

/// All have a policy; those that are due are older than theirs.
void give_policies(Vault& vault) {
  Policy policy;
  policy.provider = "human";
  for (int i = 0; i < kTokens; ++i) {
    policy.rotate_after = std::chrono::hours(24 * (i % (kTokens / kDue) == 0 ? 30 : 365));
    (void)vault.set_policy(name_of(i), policy).value();
  }
}

void run() {
  test::FakeClock clock;
  VaultOptions options;
  options.clock = &clock;
  auto store = std::make_unique<test::CountingStore>(std::shared_ptr<Store>(open_memory_store().value()));
  const auto& counter = *store;
  auto vault = Vault::create(std::move(store), key(), options).value();
  for (int i = 0; i < kTokens; ++i) (void)vault.put(name_of(i), bytes(value_of(i))).value();
  give_policies(vault);
  clock.advance(std::chrono::hours(24 * 40));
  const auto reads_of = [&](auto&& work) {
    const auto before = counter.gets();
    work();
    return counter.gets() - before;
  };
  const auto all = reads_of([&] { (void)vault.list().value(); });
  std::size_t found = 0;
  const auto some = reads_of([&] { found = due(vault).value().size(); });
  fmt::print("due: {} tokens of {}; nodes read: {} for due, {} for the list\n", found, kTokens, some, all);
  compare(
      "due, 10 of 10,000, against list", 0.05, 15, 1, [&] { (void)due(vault).value(); },
      [&] { (void)vault.list().value(); });
}

}  // namespace
}  // namespace tokenvault::bench

int main() {
  tokenvault::bench::run();
  return 0;
}
