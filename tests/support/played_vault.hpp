#pragma once
#include <algorithm>

#include "support/faulty_store.hpp"
#include "support/scripted_store.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {

/// Time that moves by sleeping alone, and remembers every sleep.
class SleepLog final : public Clock {
 public:
  [[nodiscard]] Time now() const noexcept override { return Time(std::chrono::seconds(1'800'000'000)); }
  [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override { return total_; }
  void sleep(std::chrono::nanoseconds span) const noexcept override {
    total_ += span;
    if (count_ < sleeps_.size()) sleeps_[count_++] = span;
  }
  [[nodiscard]] std::span<const std::chrono::nanoseconds> sleeps() const {
    return std::span(sleeps_).first(count_);
  }

 private:
  mutable std::array<std::chrono::nanoseconds, 100'000> sleeps_{};
  mutable std::size_t count_ = 0;
  mutable std::chrono::nanoseconds total_{0};
};

/// A vault whose store fails, is slow and is raced as the test says; on the other side of the same
/// store other vaults work undisturbed.
class PlayedVault : public VaultFixture {
 public:
  [[nodiscard]] VaultOptions played_options() const {
    VaultOptions chosen;
    chosen.clock = &log;
    return chosen;
  }
  [[nodiscard]] std::unique_ptr<Store> played_store() const {
    return std::make_unique<ScriptedStore>(std::make_unique<FaultyStore>(view(), plan), script);
  }
  [[nodiscard]] Vault open_played() const {
    auto vault = Vault::open(played_store(), raw_key(), played_options());
    REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
    return *std::move(vault);
  }
  /// Every commit from now on is not heard of again, and did not happen.
  void lose_commits(std::size_t count = 10'000) const {
    for (std::size_t i = 1; i <= count; ++i) plan->doubt_commit(i, FaultPlan::Doubt::not_applied);
  }

  SleepLog log;
  std::shared_ptr<FaultPlan> plan = std::make_shared<FaultPlan>();
  std::shared_ptr<Script> script = std::make_shared<Script>();
};

/// Runs `act` once, whenever `hook` is played next.
inline void once(std::function<void()>& hook, std::function<void()> act) {
  hook = [&hook, act = std::move(act)] {
    hook = nullptr;
    act();
  };
}

/// All is well below this root, and nothing was left behind.
inline void check_clean(const Vault& vault) {
  const auto report = vault.verify();
  REQUIRE_MESSAGE(report, (report ? "" : report.error().message()));
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
}

}  // namespace tokenvault::test
