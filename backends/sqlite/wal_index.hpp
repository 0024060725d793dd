#pragma once
#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "tokenvault/store.hpp"

namespace tokenvault::sqlite {

/// The 48-byte header of SQLite's WAL index (sqlite.org/walformat.html, 2.1), as the connection has
/// it mapped. It names one commit: it holds a change counter, the number of valid frames, their
/// running checksum and the log's salts.
class WalIndex {
 public:
  static constexpr std::size_t kWords = 6;
  using Header = std::array<std::uint64_t, kWords>;

  WalIndex() = default;
  /// Asks SQLite for the mapping, so call it after a first read. We never open the -shm file: closing
  /// a second descriptor would drop this process's POSIX locks on it.
  explicit WalIndex(sqlite3* database) noexcept;

  /// False where there is no mapping: not a WAL database, a read-only folder, another VFS.
  explicit operator bool() const noexcept { return words_ != nullptr; }
  [[nodiscard]] Header read() const noexcept;
  [[nodiscard]] bool is(const std::array<std::atomic<std::uint64_t>, kWords>& seen) const noexcept;

 private:
  const std::uint64_t* words_ = nullptr;
};

/// The last revision read, and the header before that read; answers "has nothing been committed
/// since" for any number of threads without a lock, a system call or an allocation.
///
/// Why equal headers mean the same revision:
/// - The header was copied before the revision was read, so the revision is at least as new as it.
/// - Every commit changes the header's change counter and frame checksum. A restart or truncation of
///   the log draws a new salt before the first commit into it. A recovery rebuilds the header from
///   the frames, whose checksum tells any two logs apart. So no two commits share a header.
/// - A writer fills the header's second copy, then the first, and readers take the new commit only
///   when both agree. We compare the first: while one word of it is still old, no reader sees the
///   commit and it is not acknowledged; after the acknowledgement all words are new. A torn copy
///   taken as "seen" matches no real header and costs one more query.
/// A commit of this connection is no special case. Its header must not be copied after the fact:
/// another process may have committed in between.
class Freshness {
 public:
  [[nodiscard]] std::optional<Revision> unchanged(const WalIndex& index) const noexcept;
  /// The caller holds the store's lock.
  void remember(const WalIndex::Header& before, Revision revision) noexcept;

 private:
  /// Odd while the words below are being replaced, 0 before the first (a sequence lock, whose words
  /// are atomics as well, so that there is no data race to argue about).
  std::atomic<std::uint64_t> sequence_{0};
  std::array<std::atomic<std::uint64_t>, WalIndex::kWords> seen_{};
  std::atomic<std::uint64_t> revision_{0};
};

}  // namespace tokenvault::sqlite
