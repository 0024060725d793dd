#include "sqlite/connection.hpp"

#include <pthread.h>

#include <algorithm>
#include <span>
#include <vector>

namespace tokenvault::sqlite {

constinit std::atomic<unsigned long> forks = 0;

namespace {

/// Every connection that SQLite knows of in this process because of us. Never destroyed: stores with static storage
/// may outlive it.
struct Register {
  std::mutex mutex;
  std::vector<std::shared_ptr<Connection>> all;
};

Register& connections() {
  static Register* const all = [] {
    auto* made = new Register;
    ::pthread_atfork([] { connections().mutex.lock(); }, [] { connections().mutex.unlock(); },
                     [] {
                       forks.fetch_add(1, std::memory_order_relaxed);
                       connections().mutex.unlock();
                     });
    return made;
  }();
  return *all;
}

/// Whether nobody was at it when this process was forked off. One that is open and quiet stays locked here.
bool is_quiet(Connection& connection) {
  if (!connection.mutex.try_lock()) return false;
  return connection.handle == nullptr || sqlite3_txn_state(connection.handle, nullptr) == SQLITE_TXN_NONE;
}

/// With nobody inside of it there is no transaction that closing could roll back in the parent's log, and the locks
/// that are given up are this process's, which has none.
bool close_inherited(Connection& connection) {
  while (auto* const statement = sqlite3_next_stmt(connection.handle, nullptr)) sqlite3_finalize(statement);
  const bool closed = sqlite3_close(connection.handle) == SQLITE_OK;
  connection.handle = nullptr;
  return closed;
}

}  // namespace

Status leave_inherited() {
  auto& here = connections();
  const std::lock_guard lock(here.mutex);
  const auto ours =
      std::partition(here.all.begin(), here.all.end(), [](const auto& one) { return !one->is_ours(); });
  const std::span inherited(here.all.begin(), ours);
  // All of them first: whoever was inside SQLite may have its own locks, and those nobody gives back.
  for (const auto& one : inherited)
    if (!is_quiet(*one))
      return Error(
          Errc::forked,
          "this process was forked while another thread was at a database: it has to start a program "
          "(exec) before it can open one");
  for (const auto& one : inherited)
    if (one->handle != nullptr && !close_inherited(*one))
      return Error(Errc::forked, "a database of the parent cannot be left: open it in a new program");
  here.all.erase(here.all.begin(), ours);
  return Ok{};
}

std::shared_ptr<Connection> make_connection() {
  auto& here = connections();
  auto made = std::make_shared<Connection>();
  const std::lock_guard lock(here.mutex);
  made->born = forks.load(std::memory_order_relaxed);
  here.all.push_back(made);
  return made;
}

void end_connection(const std::shared_ptr<Connection>& connection) noexcept {
  if (!connection->is_ours()) return;
  {
    const std::lock_guard at_it(connection->mutex);
    sqlite3_close(connection->handle);
    connection->handle = nullptr;
  }
  auto& here = connections();
  const std::lock_guard lock(here.mutex);
  std::erase(here.all, connection);
}

}  // namespace tokenvault::sqlite
