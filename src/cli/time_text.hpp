#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/clock.hpp"

namespace tokenvault::cli {

/// RFC 3339 in UTC: 2026-11-24T16:00:00Z.
[[nodiscard]] std::string to_text(Time time);

/// RFC 3339, date and time, with any offset.
[[nodiscard]] std::optional<Time> parse_rfc3339(std::string_view text);

/// The same, a date (its midnight in UTC), or a span from `now`: 90d, 12h, 30m, 45s, 2w.
[[nodiscard]] std::optional<Time> parse_time(std::string_view text, Time now);

}  // namespace tokenvault::cli
