#pragma once
#include <optional>
#include <string_view>

#include "tokenvault/clock.hpp"

namespace tokenvault::tvp {

/// RFC 3339, date and time with any offset: 2026-12-01T00:00:00Z. A part of a second is dropped.
std::optional<Time> parse_moment(std::string_view text) noexcept;

}  // namespace tokenvault::tvp
