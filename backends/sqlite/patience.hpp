#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

#include "sqlite/database.hpp"

namespace tokenvault::sqlite {

/// Between two tries for a lock: short at first, never long, since a lock that is free for a moment
/// must be met, and of a random length, so that two waiters do not keep step.
inline std::chrono::microseconds pause_after(unsigned tries) noexcept {
  std::uint32_t random = 0;
  sqlite3_randomness(sizeof(random), &random);
  return std::chrono::microseconds(random % (200U << std::min(tries, 7U)));
}

/// Runs what needs a lock of the database until it has it or the time-out is over, and gives its last
/// result code. `lock` guards the connection and is open while this sleeps: SQLite's own waiting would
/// keep every thread's reads behind a lock that another process holds.
template <typename Lock, typename F>
int patiently(Database& database, Lock& lock, F&& run) {
  const auto deadline = std::chrono::steady_clock::now() + database.lock_timeout();
  for (unsigned tries = 0;; ++tries) {
    database.wait_for_locks(false);
    const int code = run();
    database.wait_for_locks(true);
    const std::chrono::nanoseconds left = deadline - std::chrono::steady_clock::now();
    if ((code & 0xff) != SQLITE_BUSY || left <= left.zero()) return code;
    // With the lock, as all calls of SQLite: a fork finds none under way.
    const auto pause = pause_after(tries);
    lock.unlock();
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, pause));
    lock.lock();
  }
}

}  // namespace tokenvault::sqlite
