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
  void sleep(std::chrono::nanoseconds span) const noexcept override { steady_ += span.count(); }

  void set(std::int64_t seconds) { now_ = seconds; }
  void advance(std::chrono::seconds span) { now_ += span.count(); }

 private:
  std::atomic<std::int64_t> now_;
  mutable std::atomic<std::int64_t> steady_{0};
};

}  // namespace tokenvault::test
