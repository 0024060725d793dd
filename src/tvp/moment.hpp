#pragma once
#include <optional>
#include <string_view>

#include "tokenvault/clock.hpp"

namespace tokenvault::tvp {

/// As parse_rfc3339(), with a T between date and time and nothing else.
std::optional<Time> parse_moment(std::string_view text);

}  // namespace tokenvault::tvp
