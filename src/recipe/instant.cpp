#include "recipe/instant.hpp"

#include <fmt/format.h>

#include <charconv>

namespace tokenvault::recipe {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t kEndOf9999 = 253402300799;

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int value = 0;
  for (const char digit : text.substr(at, count)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = 10 * value + (digit - '0');
  }
  return value;
}

bool has(std::string_view text, std::size_t at, char wanted) {
  return at < text.size() && text[at] == wanted;
}

std::optional<sys_days> day_in(std::string_view text) {
  const auto y = digits(text, 0, 4);
  const auto m = digits(text, 5, 2);
  const auto d = digits(text, 8, 2);
  if (!y || !m || !d || !has(text, 4, '-') || !has(text, 7, '-')) return std::nullopt;
  const year_month_day date{std::chrono::year{*y}, std::chrono::month{static_cast<unsigned>(*m)},
                            std::chrono::day{static_cast<unsigned>(*d)}};
  return date.ok() ? std::optional<sys_days>(date) : std::nullopt;
}

std::optional<seconds> clock_in(std::string_view text) {
  const auto h = digits(text, 0, 2);
  const auto m = digits(text, 3, 2);
  const auto s = digits(text, 6, 2);
  if (!h || !m || !s || !has(text, 2, ':') || !has(text, 5, ':')) return std::nullopt;
  if (*h > 23 || *m > 59 || *s > 60) return std::nullopt;
  return seconds{3600 * *h + 60 * *m + *s};
}

std::optional<seconds> offset_in(std::string_view text) {
  if (text == "Z" || text == "z") return seconds{0};
  const auto h = digits(text, 1, 2);
  const auto m = digits(text, 4, 2);
  if (text.size() != 6 || !h || !m || text[3] != ':' || *h > 23 || *m > 59) return std::nullopt;
  const seconds span{3600 * *h + 60 * *m};
  if (text[0] == '+') return span;
  return text[0] == '-' ? std::optional<seconds>(-span) : std::nullopt;
}

std::string_view without_fraction(std::string_view text) {
  if (!has(text, 0, '.')) return text;
  const auto end = text.find_first_not_of("0123456789", 1);
  return end == 1 || end == text.npos ? std::string_view() : text.substr(end);
}

std::optional<Time> seconds_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || value < 0 || value > kEndOf9999) {
    return std::nullopt;
  }
  return Time{seconds{value}};
}

}  // namespace

std::string instant_text(Time time) {
  const auto clock = (time - floor<days>(time)).count();
  return fmt::format("{}T{:02}:{:02}:{:02}Z", date_text(time), clock / 3600, clock / 60 % 60, clock % 60);
}

std::string date_text(Time time) {
  const year_month_day date{floor<days>(time)};
  return fmt::format("{:04}-{:02}-{:02}", int{date.year()}, unsigned{date.month()}, unsigned{date.day()});
}

std::optional<Time> instant_in(std::string_view text) {
  const auto day = day_in(text);
  if (!day) return seconds_in(text);
  if (text.size() == 10) return Time{*day};
  const auto clock = clock_in(text.substr(std::min<std::size_t>(11, text.size())));
  if (!clock || !(has(text, 10, 'T') || has(text, 10, 't') || has(text, 10, ' '))) return std::nullopt;
  const auto offset = offset_in(without_fraction(text.substr(19)));
  if (!offset) return std::nullopt;
  return Time{*day} + *clock - *offset;
}

}  // namespace tokenvault::recipe
