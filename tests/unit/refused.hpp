#pragma once
#include <cerrno>
#include <string>
#include <utility>

namespace tokenvault::test {

/// A function of the C library that is refused in this thread while one of these lives, with the error that says so.
class Refused {
 public:
  Refused(std::string call, int error) : call_(std::move(call)), error_(error) { now = this; }
  ~Refused() { now = nullptr; }
  Refused(const Refused&) = delete;
  Refused& operator=(const Refused&) = delete;

  /// For what stands in that function's place. Sets errno.
  static bool is(const char* call) noexcept {
    if (now == nullptr || now->call_ != call) return false;
    errno = now->error_;
    return true;
  }

 private:
  static inline thread_local const Refused* now = nullptr;
  std::string call_;
  int error_;
};

}  // namespace tokenvault::test
