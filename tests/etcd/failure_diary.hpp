#pragma once
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "tokenvault/error.hpp"

namespace tokenvault::test {

/// What a client asks and is told, a line each with the nanosecond, as history.py takes them.
class Diary {
 public:
  static void call(const std::string& what) { write("call", what); }
  static void done(const std::string& result) { write("done", result); }
  static void failed(const Error& error) {
    write(error.code() == Errc::in_doubt ? "unknown" : "failed",
          fmt::format("{} {}", to_string(error.code()), error.message()));
  }

 private:
  /// Unbuffered: what was said before a kill was said.
  static void write(const char* word, const std::string& rest) {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto line = fmt::format("{} {} {}\n", word, now.tv_sec * 1'000'000'000 + now.tv_nsec, rest);
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(9);
  }
};

}  // namespace tokenvault::test
