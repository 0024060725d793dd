#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "../output.hpp"
#include "tokenvault/clock.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::chrono::milliseconds kInterval{100};

/// Whoever does not see how far it is misses nothing else.
void write(std::string_view text) { (void)write_all(STDERR_FILENO, text).has_value(); }

}  // namespace

Progress::Progress(std::string_view what, bool quiet) noexcept
    : what_(what), shown_(!quiet && ::isatty(STDERR_FILENO) != 0), last_(system_clock().steady()) {}

Progress::~Progress() {
  if (written_) write("\r\x1b[K");
}

void Progress::step() {
  ++count_;
  if (!shown_) return;
  const auto now = system_clock().steady();
  if (now - last_ < kInterval) return;
  last_ = now;
  written_ = true;
  write(fmt::format("\r{} {}", count_, what_));
}

}  // namespace tokenvault::cli
