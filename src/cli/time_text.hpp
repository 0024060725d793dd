#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/time_text.hpp"

namespace tokenvault::cli {

/// A span: 90d, 12h, 30m, 45s, 2w. Below 2^32 of its unit.
[[nodiscard]] std::optional<std::chrono::seconds> parse_span(std::string_view text);

/// The same text back, in the largest unit that divides it: "90d", "0s".
[[nodiscard]] std::string to_text(std::chrono::seconds span);

/// As parse_rfc3339(), a date (its midnight in UTC), or a span from `now`.
[[nodiscard]] std::optional<Time> parse_time(std::string_view text, Time now);

}  // namespace tokenvault::cli
