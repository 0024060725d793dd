#pragma once
#include <atomic>

#include "tokenvault/clock.hpp"

namespace tokenvault::test {

/// Time that moves only when told to; a sleep moves the steady side and returns at once.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(std::int64_t seconds = 1'800'000'000) : now_(seconds) {}

  [[nodiscard]] Time now() const noexcept override { return Time(std::chrono::seconds(now_.load())); }
  [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override {
    return std::chrono::nanoseconds(steady_.load());
  }
  [[nodiscard]] Uptime uptime() const noexcept override {
    return {{std::byte(boot_.load())}, std::chrono::seconds(uptime_.load())};
  }
  void sleep(std::chrono::nanoseconds span) const noexcept override { steady_ += span.count(); }

  void set(std::int64_t seconds) { now_ = seconds; }
  /// Time passes, by every measure.
  void advance(std::chrono::seconds span) {
    now_ += span.count();
    uptime_ += span.count();
  }
  /// Somebody sets the clock.
  void step(std::chrono::seconds span) { now_ += span.count(); }
  void reboot() {
    ++boot_;
    uptime_ = 0;
  }

 private:
  std::atomic<std::int64_t> now_;
  std::atomic<std::int64_t> uptime_{1000};
  std::atomic<unsigned char> boot_{1};
  mutable std::atomic<std::int64_t> steady_{0};
};

}  // namespace tokenvault::test
