#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/time_text.hpp"

namespace tokenvault::recipe {

/// `2026-12-01`, the day in UTC.
[[nodiscard]] std::string date_text(Time time);

/// What providers write: RFC 3339 with any offset and fraction, a bare date (its first second, UTC),
/// or seconds since 1970. Nothing where it is none of these.
[[nodiscard]] std::optional<Time> instant_in(std::string_view text);

}  // namespace tokenvault::recipe
