#include "tokenvault/clock.hpp"

#include <thread>

namespace tokenvault {
namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const noexcept override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
  void sleep(std::chrono::nanoseconds span) const noexcept override { std::this_thread::sleep_for(span); }
};

}  // namespace

const Clock& system_clock() noexcept {
  static const SystemClock clock;
  return clock;
}

}  // namespace tokenvault
