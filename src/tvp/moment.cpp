#include "tvp/moment.hpp"

#include <algorithm>

namespace tokenvault::tvp {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Whether `text` begins as `pattern` does: `0` stands for any digit, a letter for itself in either case.
bool begins_like(std::string_view text, std::string_view pattern) noexcept {
  if (text.size() < pattern.size()) return false;
  return std::ranges::equal(text.substr(0, pattern.size()), pattern, [](char c, char wanted) {
    return wanted == '0' ? is_digit(c) : c == wanted || (wanted == 'T' && c == 't');
  });
}

int number(std::string_view text, std::size_t from, std::size_t digits) noexcept {
  int value = 0;
  for (const char c : text.substr(from, digits)) value = value * 10 + (c - '0');
  return value;
}

/// Of a whole `text`: Z, or +hh:mm.
std::optional<seconds> parse_offset(std::string_view text) noexcept {
  if (text == "Z" || text == "z") return seconds(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || !begins_like(text.substr(1), "00:00"))
    return {};
  const int hour = number(text, 1, 2), minute = number(text, 4, 2);
  if (hour > 23 || minute > 59) return {};
  const seconds span = hours(hour) + minutes(minute);
  return text[0] == '-' ? -span : span;
}

std::string_view without_fraction(std::string_view text) noexcept {
  if (text.size() < 2 || text[0] != '.' || !is_digit(text[1])) return text;
  text.remove_prefix(1);
  text.remove_prefix(static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin()));
  return text;
}

}  // namespace

std::optional<Time> parse_moment(std::string_view text) noexcept {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (!begins_like(text, kShape)) return {};
  const std::chrono::year_month_day date{std::chrono::year(number(text, 0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(text, 5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(text, 8, 2)))};
  const int hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  const auto offset = parse_offset(without_fraction(text.substr(kShape.size())));
  if (!date.ok() || hour > 23 || minute > 59 || second > 60 || !offset) return {};
  return Time(std::chrono::sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) - *offset;
}

}  // namespace tokenvault::tvp
