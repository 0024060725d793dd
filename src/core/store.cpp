#include "tokenvault/store.hpp"

#include <algorithm>

namespace tokenvault {

Result<Revision> Store::wait(Revision since, std::chrono::nanoseconds timeout, const Clock& clock) {
  constexpr std::chrono::nanoseconds kPause = std::chrono::milliseconds(20);
  const auto start = clock.steady();
  for (;;) {
    auto now = revision();
    if (!now || *now != since) return now;
    const auto waited = clock.steady() - start;
    if (waited >= timeout) return now;
    clock.sleep(std::min(kPause, timeout - waited));
  }
}

}  // namespace tokenvault
