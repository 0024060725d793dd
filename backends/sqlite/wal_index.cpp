#include "sqlite/wal_index.hpp"

#include "core/mutant.hpp"

namespace tokenvault::sqlite {
namespace {

constexpr int kRegionSize = 32 * 1024;

}  // namespace

WalIndex::WalIndex(sqlite3* database) noexcept {
  // Outside WAL mode no journal is open between transactions, and there xShmMap would make an index
  // that nobody closes: the pager knows only of the one its log needs.
  sqlite3_file* log = nullptr;
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK ||
      log == nullptr || log->pMethods == nullptr)
    return;
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file == nullptr)
    return;
  const sqlite3_io_methods* methods = file->pMethods;
  if (methods == nullptr || methods->iVersion < 2 || methods->xShmMap == nullptr) return;
  void volatile* region = nullptr;
  if (methods->xShmMap(file, 0, kRegionSize, 0, &region) != SQLITE_OK || region == nullptr) return;
  words_ = static_cast<const std::uint64_t*>(const_cast<const void*>(region));
}

WalIndex::Header WalIndex::read() const noexcept {
  Header header{};
  for (std::size_t i = 0; i < kWords; ++i) header[i] = __atomic_load_n(words_ + i, __ATOMIC_ACQUIRE);
  return header;
}

bool WalIndex::is(const std::array<std::atomic<std::uint64_t>, kWords>& seen) const noexcept {
  for (std::size_t i = 0; i < kWords; ++i)
    if (!mutated("wal.changed") &&
        __atomic_load_n(words_ + i, __ATOMIC_ACQUIRE) != seen[i].load(std::memory_order_acquire))
      return false;
  return true;
}

std::optional<Revision> Freshness::unchanged(const WalIndex& index) const noexcept {
  const std::uint64_t sequence = sequence_.load(std::memory_order_acquire);
  if (sequence == 0 || sequence % 2 != 0 || !index.is(seen_)) return std::nullopt;
  const Revision revision{revision_.load(std::memory_order_acquire)};
  if (!mutated("wal.torn") && sequence_.load(std::memory_order_acquire) != sequence) return std::nullopt;
  return revision;
}

void Freshness::remember(const WalIndex::Header& before, Revision revision) noexcept {
  const std::uint64_t last = sequence_.load(std::memory_order_relaxed);
  sequence_.store(last + 1, std::memory_order_release);
  for (std::size_t i = 0; i < seen_.size(); ++i) seen_[i].store(before[i], std::memory_order_release);
  revision_.store(static_cast<std::uint64_t>(revision), std::memory_order_release);
  sequence_.store(last + 2, std::memory_order_release);
}

}  // namespace tokenvault::sqlite
