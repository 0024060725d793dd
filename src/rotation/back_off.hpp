#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>

namespace tokenvault::rotation {

/// The longest that a rotation stays away from a provider by itself.
inline constexpr std::chrono::seconds kLongestBackOff = std::chrono::hours(6);
/// What a provider may ask for beyond that.
inline constexpr std::chrono::seconds kLongestRetryAfter = std::chrono::hours(24);

/// How long to stay away after `attempts` calls in a row that came to nothing before this one: twice as long
/// each time up to a cap, of which a random half is left out, and not less than the provider asks for.
std::chrono::seconds back_off_span(unsigned attempts, const std::optional<std::chrono::seconds>& retry_after,
                                   const std::function<void(std::span<std::byte>)>& random);

}  // namespace tokenvault::rotation
