#include "recipe/instant.hpp"

#include <charconv>

namespace tokenvault::recipe {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kEndOf9999 = 253402300799;
constexpr std::size_t kDateSize = 10;

std::optional<Time> seconds_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || value < 0 || value > kEndOf9999) {
    return std::nullopt;
  }
  return Time{seconds{value}};
}

}  // namespace

std::string date_text(Time time) { return to_rfc3339(time).substr(0, kDateSize); }

std::optional<Time> instant_in(std::string_view text) {
  if (const auto moment = parse_rfc3339(text)) return moment;
  if (text.size() == kDateSize)
    if (const auto date = parse_rfc3339(std::string(text) + "T00:00:00Z")) return date;
  return seconds_in(text);
}

}  // namespace tokenvault::recipe
