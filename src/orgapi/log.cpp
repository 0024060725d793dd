#include "log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <string>

#include "answer.hpp"
#include "request.hpp"

namespace tokenvault::orgapi {
namespace {

// A secret has 43 characters and stands behind an id of 12: of a longer word only as much as an id is shown.
constexpr std::size_t kLongestWord = 32, kShownOfLonger = 12, kLongestPath = 120;

void write_line(const std::string& line) noexcept {
  // A log that cannot be written is no reason to stop serving.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

std::string shown_word(std::string_view word) {
  std::string shown(word.size() > kLongestWord ? word.substr(0, kShownOfLonger) : word);
  for (auto& c : shown)
    if (c <= ' ' || c > '~') c = '?';
  return word.size() > kLongestWord ? shown + "..." : shown;
}

std::string shown_path(std::string_view path) {
  std::string shown;
  while (!path.empty() && shown.size() < kLongestPath) {
    const auto end = path.find('/');
    shown += shown_word(path.substr(0, end));
    if (end == std::string_view::npos) break;
    shown += '/';
    path.remove_prefix(end + 1);
  }
  return shown;
}

}  // namespace

void log_answer(const Request& request, const Answer& answer) noexcept {
  try {
    write_line(fmt::format("{} {} {} {}\n", shown_word(request.method), shown_path(request.path),
                           answer.status, answer.token_id.empty() ? "-" : answer.token_id));
  } catch (const std::exception&) {
    write_line({});
  }
}

void log_failure(std::string_view attempted, const Error& error) noexcept {
  try {
    write_line(fmt::format("orgapi: {}{}{} ({})\n", attempted, attempted.empty() ? "" : ": ", error.message(),
                           to_string(error.code())));
  } catch (const std::exception&) {
    write_line({});
  }
}

}  // namespace tokenvault::orgapi
