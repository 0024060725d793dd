// A clock that somebody sets, by a second or by ten years, before any step of a token's life: nothing ends early,
// nothing waits for ever, and no version is lost. The provider has a clock of its own.
#include <array>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "support/local_ground.hpp"
#include "support/proof.hpp"
#include "support/rotation_fixture.hpp"
#include "tokenvault/lease.hpp"

namespace tokenvault::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kYear{365 * 24 * 3600};
constexpr std::array kJumps{10 * kYear, -10 * kYear, kYear, -kYear, seconds(1), seconds(-1)};

/// One life. What it says of each step depends on no clock that can be set.
class Life {
 public:
  Life(const ProviderModel& model, std::string_view backend)
      : ground_(backend), grace_(model.old != OldToken::dies), provider_(model.behaviour(), theirs_) {}

  using Step = std::function<std::string()>;
  std::vector<Step> steps() {
    const auto after = [this](seconds span, Step step) {
      return [this, span, step] {
        ours_.advance(span);
        theirs_.advance(span);
        return step();
      };
    };
    return {
        [this] { return begin(); },
        [this] { return read(); },
        [this] { return said(vault_->put("a", secret("two"))); },
        [this] { return said(rotator().rotate()); },
        after(minutes(4), [this] { return previous() + said(rotator().resume()); }),
        after(minutes(4), [this] { return previous() + read() + said(rotator().resume()); }),
        after(minutes(4), [this] { return said(rotator().resume()); }),
        [this] { return said(rotator().retire(true)); },
        [this] { return said(vault_->rollback("a", 1)); },
        [this] { return said(vault_->rotate_master({})); },
        after(hours(2), [this] { return read() + said(rotator().rotate()); }),
        after(minutes(11), [this] { return said(rotator().resume()) + said(rotator().retire(true)); }),
        after(hours(24 * 100), [this] { return due_now(); }),
        [this] { return reopened(); },
    };
  }
  void set_clock(seconds jump) { ours_.step(jump); }

  /// What must be so whatever the clock says; empty where it is.
  std::string fault() {
    if (!vault_) return {};
    const auto now = numbers();
    for (const auto& number : seen_)
      if (!now.contains(number)) return "lost: " + number;
    seen_ = now;
    if (!current_is_taken()) return "the current token is not taken";
    const auto expiring = vault_->get("expires");
    const bool is_over = ours_.now() >= ends_;
    if (is_over ? expiring || expiring.error().code() != Errc::expired : text_of(expiring) != "soon")
      return "the expiry is not by the clock: " + text_of(expiring);
    if (text_of(vault_->get("expires", {.expired_ok = true})) != "soon") return "what has expired is gone";
    return {};
  }

 private:
  std::string begin() {
    vault_.emplace(*Vault::create(ground_.open(), raw_key(), options()));
    put(*vault_, "a", "one");
    ends_ = ours_.now() + hours(1);
    put(*vault_, "expires", "soon", {.expires = ends_});
    REQUIRE(vault_->put("turned", *provider_.make_token()));
    Policy policy;
    policy.provider = "fake";
    policy.rotate_after = hours(24 * 90);
    policy.grace = minutes(10);
    REQUIRE(vault_->set_policy("turned", policy));
    lease_.emplace(vault_->lease("a"));
    return "begun";
  }
  std::string read() {
    const auto token = lease_->token();
    return token ? text_of(token->value) + " " + std::to_string(token->version) : "error";
  }
  /// Its old token is given out and good as long as it may be.
  std::string previous() {
    if (!grace_) return {};
    const auto old = vault_->get("turned", {.stage = Stage::previous});
    return old && provider_.accepts(*old) ? "previous is good, " : "previous is not good, ";
  }
  std::string due_now() {
    const auto found = due(*vault_);
    return found ? "asked what is due" : "error";
  }
  std::string reopened() {
    vault_.emplace(*Vault::open(ground_.open(), raw_key(), options()));
    const auto report = vault_->verify();
    return report && report->faults.empty() && report->orphans == 0 ? "whole" : "not whole";
  }
  [[nodiscard]] VaultOptions options() const {
    return {.clock = &ours_, .anchors = ground_.folder() / "anchors"};
  }
  Rotator rotator() { return Rotator(*vault_, "turned", provider_); }

  static std::string said(const Result<RotationInfo>& info) { return why(info) + "; "; }
  template <typename T>
  static std::string said(const Result<T>& result) {
    return result ? "done; " : std::string(to_string(result.error().code())) + "; ";
  }
  std::set<std::string> numbers() {
    std::set<std::string> found;
    for (const auto* name : {"a", "expires", "turned"}) {
      const auto info = vault_->info(name);
      if (!info) continue;
      for (const auto& version : info->versions)
        if (vault_->get(name, {.number = version.number, .expired_ok = true}))
          found.insert(std::string(name) + " " + std::to_string(version.number));
    }
    return found;
  }
  bool current_is_taken() {
    const auto value = vault_->get("turned");
    return value && provider_.accepts(*value);
  }

  Ground ground_;
  bool grace_;
  FakeClock ours_, theirs_;
  FakeProvider provider_;
  std::optional<Vault> vault_;
  std::optional<Lease> lease_;
  Time ends_{};
  std::set<std::string> seen_;
};

/// What the life says of its steps where the clock is set by `jump` before step `at`, and back again before the
/// step after `back` more; and what must not be, where it was.
struct Told {
  std::vector<std::string> steps;
  std::string fault;
};

Told live(const ProviderModel& model, std::string_view backend, std::size_t at, seconds jump,
          std::size_t back) {
  Life life(model, backend);
  Told told;
  std::size_t number = 0;
  for (const auto& step : life.steps()) {
    if (number == at) life.set_clock(jump);
    if (number == at + back) life.set_clock(-jump);
    told.steps.push_back(step());
    if (auto fault = life.fault(); told.fault.empty() && !fault.empty())
      told.fault = "step " + std::to_string(number) + ": " + fault;
    ++number;
  }
  return told;
}

TEST_CASE("a clock that is set before any step of a life changes nothing but what expires by it") {
  constexpr std::size_t kNever = 1000;
  std::uint64_t lives = 0, wrong = 0;
  for (const std::string_view backend : kWritable) {
    if (!full_proof() && backend != "memory") continue;
    for (const auto& model : kModels) {
      CAPTURE(std::string(backend));
      CAPTURE(model.name);
      const auto calm = live(model, backend, kNever, seconds(0), kNever);
      REQUIRE(calm.fault == "");
      for (std::size_t at = 0; at < calm.steps.size(); ++at)
        for (const auto jump : kJumps)
          for (const std::size_t back : {std::size_t{1}, std::size_t{3}, kNever}) {
            if (!full_proof() && (lives++ % 3 != 0)) continue;
            CAPTURE(at);
            CAPTURE(jump.count());
            CAPTURE(back);
            const auto told = live(model, backend, at, jump, back);
            CHECK(told.fault == "");
            CHECK(told.steps == calm.steps);
            wrong += told.fault.empty() && told.steps == calm.steps ? 0 : 1;
            lives += full_proof() ? 1 : 0;
          }
    }
  }
  tried("lives of tokens with a clock that is set", full_proof() ? lives : lives / 3, wrong);
  if (!full_proof()) left_out("two of three settings of the clock; all of them on file and sqlite");
}

}  // namespace
}  // namespace tokenvault::test
