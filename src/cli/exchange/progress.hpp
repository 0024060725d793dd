#pragma once
#include <chrono>
#include <cstdint>
#include <string_view>

namespace tokenvault::cli {

/// A count that goes up on stderr while a long thing is done, where stderr is a terminal; gone afterwards.
class Progress {
 public:
  /// `what` is told after the number; static storage.
  Progress(std::string_view what, bool quiet) noexcept;
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more is done. Writes at most every 100 ms.
  void step();

 private:
  std::string_view what_;
  bool shown_;
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds last_{};
  bool written_ = false;
};

}  // namespace tokenvault::cli
