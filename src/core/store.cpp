#include "tokenvault/store.hpp"

#include <algorithm>

namespace tokenvault {

Result<Revision> Store::wait(Revision since, std::chrono::nanoseconds timeout, const Clock& clock) {
  constexpr std::chrono::nanoseconds kPause = std::chrono::milliseconds(20);
  const auto deadline = clock.steady() + timeout;
  for (;;) {
    auto now = revision();
    if (!now || *now != since) return now;
    const auto left = deadline - clock.steady();
    if (left <= std::chrono::nanoseconds::zero()) return now;
    clock.sleep(std::min(kPause, left));
  }
}

}  // namespace tokenvault
