#include "tokenvault/clock.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <thread>

namespace tokenvault {
namespace {

/// Linux: a UUID that each start of the machine makes anew. Zeros where it cannot be read.
std::array<std::byte, 16> boot_id() noexcept {
  std::array<std::byte, 16> id{};
  std::array<char, 36> text{};
  const int file = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (file < 0) return id;
  const auto size = ::read(file, text.data(), text.size());
  ::close(file);
  if (size != static_cast<ssize_t>(text.size())) return id;
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-' || digits == 32) continue;
    const int value = c <= '9' ? c - '0' : c - 'a' + 10;
    id[digits / 2] = id[digits / 2] << 4 | static_cast<std::byte>(value & 15);
    ++digits;
  }
  return id;
}

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const noexcept override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
  [[nodiscard]] Uptime uptime() const noexcept override {
    timespec since{};
    if (boot_ == decltype(boot_){} || ::clock_gettime(CLOCK_BOOTTIME, &since) != 0) return {};
    return {boot_, std::chrono::seconds(since.tv_sec)};
  }
  void sleep(std::chrono::nanoseconds span) const noexcept override { std::this_thread::sleep_for(span); }

 private:
  std::array<std::byte, 16> boot_ = boot_id();
};

}  // namespace

const Clock& system_clock() noexcept {
  static const SystemClock clock;
  return clock;
}

}  // namespace tokenvault
