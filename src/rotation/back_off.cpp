#include "rotation/back_off.hpp"

#include <algorithm>
#include <array>

namespace tokenvault::rotation {
namespace {

constexpr std::chrono::seconds kFirst{30};
constexpr unsigned kMostDoublings = 10;  // beyond the cap

}  // namespace

std::chrono::seconds back_off_span(unsigned attempts, const std::optional<std::chrono::seconds>& retry_after,
                                   const std::function<void(std::span<std::byte>)>& random) {
  const auto longest = std::min(kFirst * (1 << std::min(attempts, kMostDoublings)), kLongestBackOff);
  std::array<std::byte, 2> drawn{};
  random(drawn);
  const auto share = std::to_integer<int>(drawn[0]) * 256 + std::to_integer<int>(drawn[1]);
  const auto span = longest / 2 + longest / 2 * share / 65536;
  return retry_after ? std::max(span, std::min(*retry_after, kLongestRetryAfter)) : span;
}

}  // namespace tokenvault::rotation
