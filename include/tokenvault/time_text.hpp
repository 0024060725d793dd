#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/clock.hpp"

namespace tokenvault {

/// `time` by RFC 3339 in UTC: 2026-11-24T16:00:00Z. Thread-safe.
[[nodiscard]] TOKENVAULT_API std::string to_rfc3339(Time time);

/// A whole `text` by RFC 3339 section 5.6, date and time with any offset; a blank may stand for the T, and a part of a
/// second is dropped. Nothing where it is anything else. Thread-safe.
[[nodiscard]] TOKENVAULT_API std::optional<Time> parse_rfc3339(std::string_view text);

}  // namespace tokenvault
