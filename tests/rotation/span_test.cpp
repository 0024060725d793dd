// Clocks that are set do not end a span of time early.
#include "rotation/span.hpp"

#include <doctest/doctest.h>

#include "support/fake_clock.hpp"

using namespace tokenvault;
using namespace tokenvault::rotation;
using namespace std::chrono_literals;
using test::FakeClock;

namespace {

constexpr std::chrono::seconds kTenYears = 24h * 3653;

/// A system that does not know how long it has been up.
class BareClock final : public Clock {
 public:
  [[nodiscard]] Time now() const noexcept override { return Time(now_); }
  [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override { return {}; }
  void sleep(std::chrono::nanoseconds) const noexcept override {}
  std::chrono::seconds now_{1'800'000'000};
};

}  // namespace

TEST_CASE("a span is over when it has passed, and not before") {
  FakeClock clock;
  const auto span = begin_span(clock, 1h);
  CHECK(left_of(span, clock) == 1h);
  clock.advance(3599s);
  CHECK(left_of(span, clock) == 1s);
  CHECK_FALSE(is_over(span, clock));
  clock.advance(1s);
  CHECK(is_over(span, clock));
  CHECK(is_over(begin_span(clock, 0s), clock));
  CHECK(is_over(begin_span(clock, -5s), clock));
  CHECK(is_over(format::Span{}, clock));
}

TEST_CASE("ten years forward or back end nothing early and keep nothing for ever") {
  for (const auto step : {kTenYears, -kTenYears}) {
    FakeClock clock;
    const auto span = begin_span(clock, 1h);
    clock.step(step);
    CHECK(left_of(span, clock) == 1h);
    clock.advance(1h);
    CHECK(is_over(span, clock));
  }
}

TEST_CASE("across a start of the machine the wall clock counts, as far as it can be believed") {
  FakeClock clock;
  auto span = begin_span(clock, 2h);
  clock.advance(30min);
  clock.reboot();
  CHECK(left_of(span, clock) == 90min);
  SUBCASE("and a clock that was set while it was off is not believed") {
    clock.step(kTenYears);
    CHECK(left_of(span, clock) == 2h);
    CHECK(rebase(span, clock));
    clock.advance(2h);
    CHECK(is_over(span, clock));
  }
  SUBCASE("nor one that went back") {
    clock.step(-kTenYears);
    CHECK(left_of(span, clock) == 2h);
    CHECK(rebase(span, clock));
    clock.advance(2h);
    CHECK(is_over(span, clock));
  }
  SUBCASE("and after a look it is counted from there") {
    CHECK(rebase(span, clock));
    CHECK_FALSE(rebase(span, clock));
    clock.step(kTenYears);
    CHECK(left_of(span, clock) == 90min);
    clock.advance(90min);
    CHECK(is_over(span, clock));
  }
}

TEST_CASE("many starts of the machine do not make a span longer") {
  FakeClock clock;
  auto span = begin_span(clock, 10h);
  for (int i = 0; i < 10; ++i) {
    CHECK_FALSE(is_over(span, clock));
    clock.advance(1h);
    clock.reboot();
    rebase(span, clock);
  }
  CHECK(is_over(span, clock));
}

TEST_CASE("a start of the machine ends no span that has no length, and begins none") {
  FakeClock clock;
  format::Span none{};
  CHECK_FALSE(rebase(none, clock));
  clock.reboot();
  CHECK_FALSE(rebase(none, clock));
}

TEST_CASE("where the system does not count, the wall clock is believed for a year") {
  BareClock clock;
  auto span = begin_span(clock, 1h);
  clock.now_ += 30min;
  CHECK(left_of(span, clock) == 30min);
  clock.now_ += kTenYears;
  CHECK(left_of(span, clock) == 1h);
  CHECK(rebase(span, clock));  // from here on it counts again
  clock.now_ += 1h;
  CHECK(is_over(span, clock));
  auto back = begin_span(clock, 1h);
  clock.now_ -= kTenYears;
  CHECK(left_of(back, clock) == 1h);
  CHECK(rebase(back, clock));
  clock.now_ += 1h;
  CHECK(is_over(back, clock));
}

TEST_CASE("a clock before the year 1970 is no trouble") {
  FakeClock clock(-5000);
  const auto span = begin_span(clock, 1h);
  CHECK(span.wall == 0);
  clock.advance(1h);
  CHECK(is_over(span, clock));
}
