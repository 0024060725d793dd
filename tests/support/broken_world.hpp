#pragma once
#include <memory>
#include <string>
#include <vector>

#include "support/faulty_store.hpp"
#include "support/ground.hpp"
#include "support/rotation_fixture.hpp"

namespace tokenvault::test {

/// Notes every token that a provider hands over, whatever becomes of it.
class DeliveryLog final : public Provider {
 public:
  explicit DeliveryLog(Provider& inner) : inner_(&inner) {}

  Result<ProviderCapabilities> describe() override { return inner_->describe(); }
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
    return inner_->issue(request, [&](SecretBuffer value) -> Status {
      delivered.push_back(secret(text_of(value)));
      ++issued;
      return keep(std::move(value));
    });
  }
  Result<ProbeAnswer> probe(const ProviderRequest& request) override { return inner_->probe(request); }
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override { return inner_->revoke(request); }
  Result<FindAnswer> find(const ProviderRequest& request) override { return inner_->find(request); }

  std::vector<SecretBuffer> delivered;
  std::uint64_t issued = 0;

 private:
  Provider* inner_;
};

/// A token "acme/api" in a vault of one kind, a provider of one kind, and processes that come and go: each open()
/// is a new one.
class BrokenWorld {
 public:
  BrokenWorld(const ProviderModel& kind, std::string_view backend)
      : model(kind), provider(kind.behaviour(), clock), ground_(backend) {
    auto vault = Vault::create(place(), raw_key(), options());
    REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
    auto first = provider.make_token();
    REQUIRE(first);
    log.delivered.push_back(secret(text_of(*first)));
    REQUIRE(vault->put(kName, *first));
    Policy policy;
    policy.provider = "fake";
    policy.grace = std::chrono::seconds(600);
    REQUIRE(vault->set_policy(kName, policy));
  }

  [[nodiscard]] std::unique_ptr<Store> place() const { return ground_.open(); }
  [[nodiscard]] VaultOptions options() const {
    VaultOptions chosen;
    chosen.clock = &clock;
    chosen.timeout = std::chrono::seconds(5);
    return chosen;
  }
  [[nodiscard]] Result<Vault> open(const std::shared_ptr<FaultPlan>& plan = nullptr) const {
    auto store = place();
    if (plan) store = std::make_unique<FaultyStore>(std::move(store), plan);
    return Vault::open(std::move(store), raw_key(), options());
  }

  /// R3 and R4: what the provider takes of all that it ever handed over, the vault can still give; and its current
  /// token is good unless the provider itself ends the old one at once.
  void check_nothing_lost() {
    auto vault = open();
    REQUIRE(vault);
    const auto info = vault->info(kName);
    REQUIRE(info);
    bool any = false, held = false;
    for (const auto& token : log.delivered) any = any || provider.accepts(token);
    for (const auto& version : info->versions) {
      const auto value = vault->get(kName, {.number = version.number, .expired_ok = true});
      REQUIRE(value);
      held = held || provider.accepts(*value);
    }
    CHECK(held == any);
    if (model.old != OldToken::dies) CHECK(serves(*vault));
  }
  [[nodiscard]] bool serves(Vault& vault) const {
    const auto value = vault.get(kName, {.expired_ok = true});
    return value && provider.accepts(*value);
  }

  /// An operator and a timer, on a machine where nothing goes wrong any more: until nothing is open. Gives the
  /// number of times that a person was needed.
  int settle() {
    std::string last;
    int asked = 0;
    for (int turn = 0; turn < 40; ++turn) {
      auto vault = open();
      REQUIRE(vault);
      Rotator rotator(*vault, kName, log, {});
      const auto went = rotator.resume();
      const auto now = rotator.status();
      REQUIRE(now);
      if (went && !now->open()) return asked;
      last = why(went);
      CAPTURE(last);
      if (!went && went.error().code() == Errc::needs_human) {
        ++asked;
        CHECK_FALSE(now->note.empty());
        answer(rotator, *vault, *now);
      }
      clock.advance(std::chrono::hours(1));
    }
    FAIL("the rotation does not end: ", last);
    return asked;
  }

  static constexpr const char* kName = "acme/api";
  ProviderModel model;
  FakeClock clock;
  FakeProvider provider;
  DeliveryLog log{provider};

 private:
  /// Does what the note says.
  void answer(Rotator& rotator, Vault& vault, const RotationInfo& now) {
    const bool awaits = (now.phase == Phase::uncertain || now.phase == Phase::intent) && now.new_version == 0;
    const bool unseen = provider.made() > log.issued;
    if (awaits && !unseen && serves(vault)) {
      const auto done = rotator.discard();
      CHECK_MESSAGE(done, why(done));
      return;
    }
    if (awaits) {
      auto made = provider.make_token();
      REQUIRE(made);
      log.delivered.push_back(secret(text_of(*made)));
      const auto done = rotator.stage(*std::move(made));
      CHECK_MESSAGE(done, why(done));
      return;
    }
    const auto done = rotator.abort();
    CHECK_MESSAGE(done, why(done));
  }

  Ground ground_;
};

}  // namespace tokenvault::test
