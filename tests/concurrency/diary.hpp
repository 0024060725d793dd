#pragma once
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string>

#include "tokenvault/error.hpp"

namespace tokenvault::test {

/// What each thread of a client asks and is told, a line each with who and when, as support/history.py takes them.
class Diary {
 public:
  /// This thread's own from now on.
  static void begin(const std::string& name) { name_of_thread() = name; }
  static void call(const std::string& what) { write("call", what); }
  static void done(const std::string& result) { write("done", result); }
  static void failed(const Error& error) {
    if (error.code() == Errc::in_doubt) return unknown(error);
    write("failed", line_of(error));
  }
  /// It may have happened, in part or wholly, or still may.
  static void unknown(const Error& error) { write("unknown", line_of(error)); }

 private:
  static std::string& name_of_thread() {
    thread_local std::string name;
    return name;
  }
  static std::string line_of(const Error& error) {
    return fmt::format("{} {}", to_string(error.code()), error.message());
  }
  /// Unbuffered and in one piece: what was said before a kill was said.
  static void write(const char* word, const std::string& rest) {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto moment = now.tv_sec * 1'000'000'000 + now.tv_nsec;
    const auto line = fmt::format("{} {} {} {}\n", name_of_thread(), word, moment, rest);
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(9);
  }
};

}  // namespace tokenvault::test
