#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "tokenvault/secret.hpp"

namespace tokenvault {

/// One mapping between two guard pages, cut into units of 64 bytes. Which units are taken is kept
/// here, on ordinary memory, so that the secret pages hold nothing but secrets.
struct Chunk {
  static constexpr std::size_t kUnit = 64;
  static constexpr std::size_t kMaxUnits = 17 * 64;

  std::byte* base = nullptr;  // null while not mapped
  std::size_t bytes = 0;      // what to map, guards not counted
  std::size_t units = 0;
  std::size_t free_units = 0;
  std::array<std::uint64_t, kMaxUnits / 64> used = {};
  Chunk* next = nullptr;
  Backing backing = Backing::none;
  bool dontdump = false;
  bool dontfork = false;

  [[nodiscard]] static std::size_t whole_pages(std::size_t bytes) noexcept;
  /// Maps `bytes`, in whole pages, as `wanted`. 0, or errno with nothing mapped.
  int map(Backing wanted) noexcept;
  void unmap() noexcept;
  /// Drops the mapping without touching it: it is not there in a forked child.
  void forget() noexcept;
  /// `want` units in a row, or null.
  std::byte* take(std::size_t want) noexcept;
  void put_back(const std::byte* cell, std::size_t count) noexcept;
  [[nodiscard]] bool holds(const std::byte* cell) const noexcept;
  [[nodiscard]] bool unused() const noexcept { return free_units == units; }

 private:
  [[nodiscard]] std::size_t find_bit(std::size_t from, bool taken) const noexcept;
  [[nodiscard]] std::size_t find_run(std::size_t want) const noexcept;
  void flip(std::size_t at, std::size_t count) noexcept;
};

/// The process's secret memory. Cells come zeroed and are zeroed before they can be handed out again.
/// At most 64 KiB is locked: chunks of 1, 2, 4 and 9 pages, taken as needed. The last one holds the
/// largest value, so a process that reads one at a time keeps it, its keys and some hundred small
/// values locked. What does not fit is plain memory, counted, or refused: as the policy says.
class Arena {
 public:
  static constexpr std::size_t kLockedBudget = 64 * 1024;

  struct Use {
    Backing backing = Backing::none;
    std::size_t locked_bytes = 0;
    std::size_t plain_bytes = 0;
    bool dontdump = false;
    bool dontfork = false;
    int os_error = 0;
  };

  static Arena& of_process() noexcept;

  /// A zeroed cell of `bytes`, a multiple of Chunk::kUnit up to kMaxUnits; null when there is none.
  std::byte* acquire(std::size_t bytes) noexcept;
  /// Wipes the cell, or the tail of one, and takes it back.
  void release(std::byte* cell, std::size_t bytes) noexcept;
  /// False when cells are out.
  bool configure(MemoryPolicy policy, Backing best) noexcept;
  [[nodiscard]] Use use() noexcept;
  /// Counts the forks this process descends from; a cell of another generation is not there.
  [[nodiscard]] unsigned long generation() const noexcept {
    return generation_.load(std::memory_order_relaxed);
  }

 private:
  Chunk* grow_locked(std::size_t bytes) noexcept;
  bool map_locked(Chunk& chunk) noexcept;
  Chunk* grow_plain() noexcept;
  std::byte* take_plain(std::size_t want) noexcept;
  void drop_if_spare(Chunk& chunk) noexcept;
  Chunk* find(const std::byte* cell) noexcept;
  [[nodiscard]] std::size_t locked_bytes() const noexcept;
  template <typename F>
  void for_each_mapped(F&& visit) noexcept;

  static bool watch_forks() noexcept;
  static void before_fork() noexcept;
  static void after_fork_in_parent() noexcept;
  static void after_fork_in_child() noexcept;

  std::mutex mutex_;
  std::array<Chunk, 4> locked_ = {Chunk{.bytes = 1 * 4096}, Chunk{.bytes = 2 * 4096},
                                  Chunk{.bytes = 4 * 4096}, Chunk{.bytes = 9 * 4096}};
  Chunk* plain_ = nullptr;             // nodes are never deleted: an unmapped one is used again
  std::size_t refused_at_ = SIZE_MAX;  // a chunk this large was refused: under `prefer`, ask no more
  int os_error_ = 0;
  MemoryPolicy policy_ = MemoryPolicy::prefer;
  Backing best_ = Backing::memfd_secret;
  std::atomic<unsigned long> generation_ = 1;
};

}  // namespace tokenvault
