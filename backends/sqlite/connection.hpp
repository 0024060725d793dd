#pragma once
#include <sqlite3.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "sqlite/whole_index.hpp"
#include "tokenvault/error.hpp"

namespace tokenvault::sqlite {

/// How many forks this process comes from since the first connection was made.
extern constinit std::atomic<unsigned long> forks;

/// A connection as this process has it, or had it from its parent. SQLite keeps one note a process of which locks it
/// has on a file. A fork copies the note and not the locks: a connection that is opened beside the copied one asks
/// for none, and loses the ground as soon as the parent is gone (SIGBUS, at best).
struct Connection {
  sqlite3* handle = nullptr;   ///< null before it is open, and once it is closed
  WholeIndex index;            ///< here, since it must outlive the connection in a forked child too
  unsigned long born = 0;      ///< `forks` then
  std::recursive_mutex mutex;  ///< held by whoever is at it: after a fork it tells whether somebody was

  [[nodiscard]] bool is_ours() const noexcept { return born == forks.load(std::memory_order_relaxed); }
};

/// Closes what a fork left here, so that a database can be opened. Errors: forked (another thread was inside SQLite
/// then, and nobody can say how far it was).
Status leave_inherited();

std::shared_ptr<Connection> make_connection();
/// In a forked child it stays where it is, for leave_inherited().
void end_connection(const std::shared_ptr<Connection>& connection) noexcept;

}  // namespace tokenvault::sqlite
