#pragma once
#include <array>
#include <chrono>
#include <cstddef>

#include "tokenvault/export.hpp"

namespace tokenvault {

/// Wall-clock time in whole seconds, UTC.
using Time = std::chrono::sys_seconds;

/// Time since the machine started, which nobody sets: it tells a span from a clock that was put forward.
struct Uptime {
  std::array<std::byte, 16> boot{};  ///< of this start of the machine; zeros: not known
  std::chrono::seconds since{0};     ///< counts while it sleeps too
};

/// Where the library takes time from. Injected, so that tests need no sleeping and a machine's wrong
/// clock can be played. Implementations must be thread-safe and must not throw.
class TOKENVAULT_API Clock {
 public:
  virtual ~Clock() = default;
  /// Wall-clock time: stamps and expiry. May jump.
  [[nodiscard]] virtual Time now() const noexcept = 0;
  /// A clock that never goes back: time-outs. Its origin means nothing.
  [[nodiscard]] virtual std::chrono::nanoseconds steady() const noexcept = 0;
  /// With a known boot where the system has one; by default there is none.
  [[nodiscard]] virtual Uptime uptime() const noexcept { return {}; }
  /// Blocks the calling thread for `span`: the back-off between two tries.
  virtual void sleep(std::chrono::nanoseconds span) const noexcept = 0;
};

/// The system's own clock. Static storage, thread-safe.
[[nodiscard]] TOKENVAULT_API const Clock& system_clock() noexcept;

}  // namespace tokenvault
