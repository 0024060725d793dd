// Calls of the C functions in any order, from fixed seeds, so that a red one is red again.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

#include "sequence.hpp"

namespace {

constexpr int kSequences = 15'000;
constexpr int kCalls = 60;

}  // namespace

TEST_CASE("any calls in any order answer as the model says") {
  for (unsigned seed = 1; seed <= kSequences; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    tokenvault::test::Sequence sequence(
        [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); });
    for (int call = 0; call < kCalls; ++call) sequence.call();
  }
  fmt::print("{} sequences of {} calls\n", kSequences, kCalls);
}
