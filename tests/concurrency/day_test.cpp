// A day of one process's life, a minute a step by a clock of its own: leases, puts, rotations by policy, expiries, an
// unlocking for eight hours, new epochs, and what all of it may cost at the end.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "support/local_ground.hpp"
#include "support/proof.hpp"
#include "support/rotation_fixture.hpp"
#include "tokenvault/lease.hpp"

namespace tokenvault::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr int kMinutes = 24 * 60, kHour = 60;
constexpr int kTurned = 6, kPlain = 10;
constexpr int kUnlockedAt = 9 * kHour, kUnlockedFor = 8 * kHour;
constexpr std::size_t kGrowth = 8 << 20;  // bytes of memory between the sixth hour and the last

std::size_t descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t resident() {
  std::size_t size = 0, pages = 0;
  std::ifstream("/proc/self/statm") >> size >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

class Day {
 public:
  explicit Day(std::string_view backend)
      : ground_(backend), provider_(kModels[0].behaviour(), clock_), vault_(make()) {}

  void live() {
    begin();
    for (minute_ = 0; minute_ < kMinutes; ++minute_) {
      clock_.advance(minutes(1));
      if (minute_ % 7 == 0) put_one();
      if (minute_ % kHour == 0) put_what_expires();
      if (minute_ % 15 == 0) rotate_what_is_due();
      if (minute_ == kUnlockedAt) unlock();
      if (minute_ % (4 * kHour) == 1) CHECK(vault_.rotate_master({}));
      read_all();
      if (minute_ % kHour == 30) clean_up();
      if (minute_ == 6 * kHour) remember();
    }
    end();
  }
  [[nodiscard]] std::uint64_t reads() const { return reads_; }
  [[nodiscard]] std::uint64_t rotations() const { return rotations_; }

 private:
  static std::string turned(int number) { return "turned/" + std::to_string(number); }
  [[nodiscard]] VaultOptions options() const {
    return {.clock = &clock_, .anchors = ground_.folder() / "anchors"};
  }
  Vault make() { return *Vault::create(ground_.open(), raw_key(), options()); }

  void begin() {
    Policy policy;
    policy.provider = "fake";
    policy.rotate_after = hours(2);
    policy.grace = minutes(10);
    for (int i = 0; i < kTurned; ++i) {
      REQUIRE(vault_.put(turned(i), *provider_.make_token()));
      REQUIRE(vault_.set_policy(turned(i), policy));
      leases_.push_back(vault_.lease(turned(i)));
    }
  }
  void put_one() {
    const auto name = "plain/" + std::to_string(minute_ / 7 % kPlain);
    const auto value = "at " + std::to_string(minute_);
    CHECK(put(vault_, name, value) == ++numbers_[name]);
    values_[name] = value;
  }
  void put_what_expires() {
    put(vault_, "short", "hour " + std::to_string(minute_ / kHour), {.expires = clock_.now() + minutes(30)});
  }
  void rotate_what_is_due() {
    const auto found = due(vault_);
    REQUIRE(found);
    for (const auto& token : *found) {
      CHECK(token.reason != DueReason::far_late);
      Rotator rotator(vault_, token.name, provider_);
      const auto went = token.reason == DueReason::age ? rotator.rotate() : rotator.resume();
      CHECK_MESSAGE(went, why(went));
      rotations_ += token.reason == DueReason::age ? 1 : 0;
    }
  }
  void unlock() {
    auto kept = vault_.slot_key();
    REQUIRE(kept);
    unlocked_.emplace(*std::move(kept));
  }
  /// What a reader of each minute sees.
  void read_all() {
    for (const auto& lease : leases_) {
      const auto value = lease.get();
      CHECK_MESSAGE((value && provider_.accepts(*value)), lease.name());
      ++reads_;
    }
    for (const auto& [name, value] : values_) {
      CHECK(text_of(vault_.get(name)) == value);
      ++reads_;
    }
    const auto brief = vault_.get("short");
    if (minute_ % kHour < 30)
      CHECK(text_of(brief) == "hour " + std::to_string(minute_ / kHour));
    else
      CHECK(code_of(brief) == Errc::expired);
    if (minute_ >= kUnlockedAt && minute_ % kHour == 0) read_unlocked();
  }
  /// Through every new epoch, until it is given up.
  void read_unlocked() {
    if (minute_ == kUnlockedAt + kUnlockedFor) unlocked_.reset();
    if (!unlocked_) return;
    auto other = Vault::open(ground_.open(), slot_key_source(), options());
    REQUIRE_MESSAGE(other, (other ? "" : other.error().message()));
    CHECK(text_of(other->get("plain/0")) == values_["plain/0"]);
  }
  KeySource slot_key_source() {
    return *KeySource::slot_key(
        {unlocked_->slot, unlocked_->kind, *SecretBuffer::copy_of(unlocked_->key.expose())});
  }
  void clean_up() {
    CHECK(ground_.open()->compact());
    const auto report = vault_.verify();
    REQUIRE(report);
    CHECK(report->faults.empty());
    CHECK(report->orphans == 0);
    // One node is in the root; whatever else lies there is named by something.
    CHECK(ground_.open()->list(std::nullopt, 100'000)->size() == report->records + report->nodes - 1);
  }
  void remember() {
    descriptors_ = descriptors();
    resident_ = resident();
    locked_ = protection().locked_bytes;
  }
  void end() {
    CHECK(descriptors() == descriptors_);
    CHECK(protection().locked_bytes == locked_);
    CHECK(protection().plain_bytes == 0);
    CHECK(resident() < resident_ + kGrowth);
    CHECK(rotations_ >= kTurned * 11);
    // A token and its former one in its grace at most.
    CHECK(provider_.live() <= 2 * kTurned);
    for (const auto& lease : leases_) CHECK(vault_.info(lease.name())->rotation->attempts == 0);
  }

  Ground ground_;
  FakeClock clock_;
  FakeProvider provider_;
  Vault vault_;
  std::vector<Lease> leases_;
  std::map<std::string, std::string> values_;
  std::map<std::string, std::uint32_t> numbers_;
  std::optional<SlotKey> unlocked_;
  int minute_ = 0;
  std::uint64_t reads_ = 0, rotations_ = 0;
  std::size_t descriptors_ = 0, resident_ = 0, locked_ = 0;
};

TEST_CASE("a day in the life of a process") {
  for (const std::string backend : kWritable) {
    if (!full_proof() && backend != "memory") continue;
    CAPTURE(backend);
    Day day(backend);
    day.live();
    tried("minutes of a process's day on " + backend, kMinutes);
    tried("reads in it on " + backend, day.reads());
    tried("rotations by policy in it on " + backend, day.rotations());
  }
  if (!full_proof()) left_out("a process's day on file and sqlite");
}

}  // namespace
}  // namespace tokenvault::test
