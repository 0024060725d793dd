#pragma once
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "tokenvault/clock.hpp"

namespace tokenvault::orgapi {

/// Counts refused attempts by whoever made them, a minute at a time. Thread-safe; its memory is bounded.
class Throttle {
 public:
  Throttle(std::size_t limit, const Clock& clock) : clock_(&clock), limit_(limit) {}

  /// Seconds until `who` may try again; 0: now.
  [[nodiscard]] std::chrono::seconds wait(std::string_view who);
  void count(std::string_view who);

 private:
  struct Window {
    std::chrono::nanoseconds start;
    std::size_t refused;
  };
  void forget_old(std::chrono::nanoseconds now);

  const Clock* clock_;
  std::size_t limit_;
  std::mutex mutex_;
  std::map<std::string, Window, std::less<>> windows_;
};

}  // namespace tokenvault::orgapi
