#include "time_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <utility>

namespace tokenvault::cli {
namespace {

using std::chrono::days;
using std::chrono::seconds;

/// A date alone is its midnight in UTC.
std::optional<Time> parse_date(std::string_view text) {
  constexpr std::size_t kDateSize = 10;
  return text.size() == kDateSize ? parse_rfc3339(std::string(text) + "T00:00:00Z") : std::nullopt;
}

}  // namespace

std::optional<seconds> parse_span(std::string_view text) {
  std::uint32_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end + 1 != text.data() + text.size()) return std::nullopt;
  const std::int64_t number = count;
  switch (*end) {
    case 'w': return days(7 * number);
    case 'd': return days(number);
    case 'h': return std::chrono::hours(number);
    case 'm': return std::chrono::minutes(number);
    case 's': return seconds(number);
    default: return std::nullopt;
  }
}

std::string to_text(seconds span) {
  constexpr std::pair<std::int64_t, char> kUnits[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}};
  for (const auto& [size, unit] : kUnits)
    if (span.count() != 0 && span.count() % size == 0) return fmt::format("{}{}", span.count() / size, unit);
  return fmt::format("{}s", span.count());
}

std::optional<Time> parse_time(std::string_view text, Time now) {
  if (const auto date = parse_date(text)) return date;
  if (const auto moment = parse_rfc3339(text)) return moment;
  const auto span = parse_span(text);
  // Beyond the year 9999 a time has no RFC 3339 text.
  constexpr Time kLast = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);
  if (!span || *span > kLast - now) return std::nullopt;
  return now + *span;
}

}  // namespace tokenvault::cli
