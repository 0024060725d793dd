// Two who rotate and one who resumes, as they are, stopped before each call to the provider and each commit: every
// order with few changes from one to another.
#include <cstdio>
#include <thread>

#include "support/rotation_fixture.hpp"
#include "turns.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

constexpr std::size_t kThreads = 3;
thread_local std::size_t who_am_i = kThreads;

/// Stops before each commit.
class StoppingStore final : public SharedStore {
 public:
  StoppingStore(std::shared_ptr<Store> store, Turns& turns, std::vector<bool>& asking)
      : SharedStore(std::move(store)), turns_(&turns), asking_(&asking) {}

  Result<Revision> commit(const Commit& commit) override {
    turns_->stop(who_am_i);
    auto done = SharedStore::commit(commit);
    if (done) (*asking_)[who_am_i] = false;
    return done;
  }

 private:
  Turns* turns_;
  std::vector<bool>* asking_;
};

/// One run in one order.
class Run {
 public:
  Run(const ProviderModel& model, Choices& choices) : model_(model), choices_(choices), acme_(how()) {}

  /// What is wrong; empty where nothing is.
  std::string play() {
    Policy policy;
    policy.provider = "fake";
    REQUIRE(acme_.vault.set_policy(RotationFixture::kName, policy));
    std::vector<std::thread> threads;
    for (std::size_t who = 0; who < kThreads; ++who) threads.emplace_back([this, who] { act(who); });
    for (auto able = turns_.stopped(); !able.empty(); able = turns_.stopped()) {
      look();
      ++steps_;
      turns_.let(choices_.choose(able));
    }
    for (auto& thread : threads) thread.join();
    look();
    look_at_end();
    return fault_;
  }
  [[nodiscard]] std::size_t steps() const { return steps_; }

 private:
  FakeBehaviour how() {
    auto behaviour = model_.behaviour();
    behaviour.fault = [this](std::uint64_t, std::string_view verb) {
      if (who_am_i == kThreads) return FakeFault::none;
      turns_.stop(who_am_i);
      if (verb == "issue") asking_[who_am_i] = true;
      return FakeFault::none;
    };
    return behaviour;
  }

  void act(std::size_t who) {
    who_am_i = who;
    turns_.stop(who);
    auto vault = Vault::open(std::make_unique<StoppingStore>(acme_.vaults.store, turns_, asking_), raw_key(),
                             acme_.vaults.options());
    if (vault) {
      Rotator rotator(*vault, RotationFixture::kName, acme_.provider, acme_.options());
      results_[who] = status_of(who < 2 ? rotator.rotate() : rotator.resume());
    } else {
      results_[who] = vault.error();
    }
    turns_.end(who);
  }

  void wrong(std::string what) {
    if (fault_.empty()) fault_ = std::move(what);
  }

  /// With everybody stopped.
  void look() {
    int asking = 0;
    for (const bool one : asking_) asking += one ? 1 : 0;
    if (asking > 1) wrong("two are asking for a token at once");
    const auto info = acme_.vault.info(RotationFixture::kName);
    REQUIRE(info);
    bool any = false, current = false;
    for (const auto& version : info->versions) {
      const auto value =
          acme_.vault.get(RotationFixture::kName, {.number = version.number, .expired_ok = true});
      const bool good = value && acme_.provider.accepts(*value);
      any = any || good;
      if (version.stage == Stage::current) current = good;
    }
    if (!any && asking == 0) wrong("the vault has no token that the provider takes");
    if (!current && model_.old != OldToken::dies) wrong("the current token is not taken");
  }

  void look_at_end() {
    for (std::size_t who = 0; who < kThreads; ++who)
      if (!results_[who] && results_[who].error().code() != Errc::unavailable &&
          !(model_.one_previous && results_[who].error().code() == Errc::needs_human))
        wrong("somebody failed: " + results_[who].error().message());
    const auto rest = acme_.rotator().resume();
    if (!rest) wrong("what was left cannot be resumed: " + why(rest));
    if (!acme_.serves()) wrong("the current token is not taken in the end");
    const auto made = acme_.provider.made();
    if (made == 0 || made > 2) wrong("it made " + std::to_string(made) + " tokens for two who asked");
    if (acme_.version() != made + 1) wrong("a token was made and not used");
  }

  const ProviderModel& model_;
  Choices& choices_;
  Turns turns_{kThreads};
  std::vector<bool> asking_ = std::vector<bool>(kThreads);
  std::vector<Status> results_ = std::vector<Status>(kThreads, Ok{});
  std::string fault_;
  std::size_t steps_ = 0;
  RotationFixture acme_;
};

}  // namespace

TEST_CASE("two rotators and one who resumes, as they are, in many orders") {
  std::size_t runs = 0, steps = 0;
  for (const auto& model : kModels) {
    CAPTURE(std::string(model.name));
    Choices choices(2);
    do {
      Run run(model, choices);
      const auto fault = run.play();
      ++runs;
      steps += run.steps();
      REQUIRE(fault == "");
    } while (choices.next_run());
  }
  CHECK(runs > 1000);
  std::printf("%zu orders, %zu steps\n", runs, steps);
}
