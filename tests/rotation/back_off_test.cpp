// How long to stay away from a provider.
#include "rotation/back_off.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace tokenvault::rotation;
using namespace std::chrono_literals;

namespace {

using Random = std::function<void(std::span<std::byte>)>;

Random always(int value) {
  return [value](std::span<std::byte> out) { std::ranges::fill(out, std::byte(value)); };
}

}  // namespace

TEST_CASE("twice as long each time, up to six hours") {
  auto longest = 30s;
  for (unsigned attempts = 0; attempts < 20; ++attempts) {
    CAPTURE(attempts);
    const auto least = back_off_span(attempts, {}, always(0));
    const auto most = back_off_span(attempts, {}, always(255));
    CHECK(least == longest / 2);
    CHECK(most >= longest * 95 / 100);
    CHECK(most <= longest);
    longest = std::min<std::chrono::seconds>(longest * 2, 6h);
  }
}

TEST_CASE("any number of attempts is waited for at most six hours, and at least three") {
  for (const unsigned attempts : {10U, 11U, 31U, 32U, 33U, 64U, 1000U, 65535U, 4294967295U}) {
    CAPTURE(attempts);
    CHECK(back_off_span(attempts, {}, always(0)) == 3h);
    CHECK(back_off_span(attempts, {}, always(255)) <= 6h);
  }
}

TEST_CASE("those who fail together do not come back together") {
  std::set<std::chrono::seconds> spans;
  for (int value = 0; value < 256; value += 8) spans.insert(back_off_span(8, {}, always(value)));
  CHECK(spans.size() == 32);
}

TEST_CASE("a provider's wish is granted up to a day, and never shortens") {
  CHECK(back_off_span(0, 10min, always(0)) == 10min);
  CHECK(back_off_span(0, 1s, always(0)) == 15s);
  CHECK(back_off_span(0, -1h, always(0)) == 15s);
  CHECK(back_off_span(0, std::chrono::seconds::max(), always(0)) == 24h);
  CHECK(back_off_span(0, std::chrono::seconds::min(), always(0)) == 15s);
  CHECK(back_off_span(20, 1s, always(0)) == 3h);
}
