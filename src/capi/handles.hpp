#pragma once
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace tokenvault::capi {

/// Things that callers hold by number: a number that was freed, invented or of another kind finds nothing. One
/// table per kind, for the whole process. Without locks, so that a fork() finds every table in order; slots
/// are never given back to the heap, so that a stale number is always safe to look up.
template <typename T, unsigned kKind>
class Handles {
 public:
  /// Keeps one thing alive for as long as a call uses it.
  class Use {
   public:
    Use() noexcept = default;
    Use(Handles* table, std::uint32_t index) noexcept : table_(table), index_(index) {}
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      if (table_ != nullptr) table_->drop(index_);
    }
    explicit operator bool() const noexcept { return table_ != nullptr; }
    T& operator*() const noexcept { return *table_->slot(index_).thing(); }
    T* operator->() const noexcept { return table_->slot(index_).thing(); }

   private:
    Handles* table_ = nullptr;
    std::uint32_t index_ = 0;
  };

  /// Its number, or 0 where there are too many, or no memory.
  std::uintptr_t add(T&& thing) noexcept {
    std::uint32_t index = 0;
    if (!take(index)) return 0;
    Slot& at = slot(index);
    ::new (static_cast<void*>(at.place.data())) T(std::move(thing));
    const auto generation = generation_of(at.state.load(std::memory_order_relaxed));
    at.state.store(generation << 32 | kAlive | 1, std::memory_order_release);
    return number(generation, index);
  }

  Use use(std::uintptr_t handle) noexcept {
    std::uint32_t index = 0;
    if (!find(handle, index)) return {};
    auto& state = slot(index).state;
    auto seen = state.load(std::memory_order_acquire);
    do {
      if (!names(handle, seen, index)) return {};
    } while (!state.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire));
    return {this, index};
  }

  /// Ends the number; what it stands for ends with the last call that uses it. False where there is none.
  bool free(std::uintptr_t handle) noexcept {
    std::uint32_t index = 0;
    if (!find(handle, index)) return false;
    auto& state = slot(index).state;
    auto seen = state.load(std::memory_order_acquire);
    do {
      if (!names(handle, seen, index)) return false;
    } while (!state.compare_exchange_weak(seen, seen & ~kAlive, std::memory_order_acq_rel));
    drop(index);
    return true;
  }

 private:
  static_assert(kKind % 2 == 1 && kKind < 8, "an odd number, so that no handle looks like a pointer");
  static constexpr bool kWide = sizeof(std::uintptr_t) == 8;
  static constexpr unsigned kIndexBits = kWide ? 20 : 16;
  static constexpr unsigned kGenerationBits = kWide ? 32 : 13;
  static constexpr unsigned kFirstChunk = 64;  // slots; each further chunk has twice as many
  static constexpr unsigned kChunks = kIndexBits - 6;

  // State of a slot: its generation above, then whether its number is good, then how many use it, the
  // number itself counted.
  static constexpr std::uint64_t kAlive = std::uint64_t{1} << 31;
  static constexpr std::uint64_t kUsers = kAlive - 1;

  struct Slot {
    std::atomic<std::uint64_t> state = std::uint64_t{1} << 32;
    std::atomic<std::uint32_t> next_free = 0;
    alignas(T) std::array<std::byte, sizeof(T)> place;
    T* thing() noexcept { return std::launder(reinterpret_cast<T*>(place.data())); }
  };

  static std::uint64_t generation_of(std::uint64_t state) noexcept { return state >> 32; }
  static std::uintptr_t number(std::uint64_t generation, std::uint32_t index) noexcept {
    const auto kept = static_cast<std::uintptr_t>(generation & ((std::uint64_t{1} << kGenerationBits) - 1));
    return kept << (kIndexBits + 3) | static_cast<std::uintptr_t>(index) << 3 | kKind;
  }
  static bool names(std::uintptr_t handle, std::uint64_t state, std::uint32_t index) noexcept {
    return (state & kAlive) != 0 && handle == number(generation_of(state), index);
  }

  static unsigned chunk_of(std::uint32_t index) noexcept {
    return static_cast<unsigned>(std::bit_width(index + kFirstChunk)) - 7;
  }
  Slot& slot(std::uint32_t index) noexcept {
    const auto chunk = chunk_of(index);
    return chunks_[chunk].load(std::memory_order_acquire)[index + kFirstChunk - (kFirstChunk << chunk)];
  }
  bool find(std::uintptr_t handle, std::uint32_t& index) noexcept {
    index = static_cast<std::uint32_t>(handle >> 3) & ((1U << kIndexBits) - 1);
    const auto chunk = chunk_of(index);
    return (handle & 7) == kKind && chunk < kChunks &&
           chunks_[chunk].load(std::memory_order_acquire) != nullptr;
  }

  void drop(std::uint32_t index) noexcept {
    Slot& at = slot(index);
    const auto before = at.state.fetch_sub(1, std::memory_order_acq_rel);
    if ((before & kUsers) != 1) return;
    std::destroy_at(at.thing());
    at.state.store((generation_of(before) + 1) << 32, std::memory_order_release);
    give_back(index);
  }

  // The free list's head: how often it changed, above, so that no thread takes an old head for the present
  // one; then the index plus one, or 0.
  bool take(std::uint32_t& index) noexcept {
    auto head = free_.load(std::memory_order_acquire);
    while (static_cast<std::uint32_t>(head) != 0) {
      index = static_cast<std::uint32_t>(head) - 1;
      const auto next = slot(index).next_free.load(std::memory_order_relaxed);
      if (free_.compare_exchange_weak(head, changed(head, next), std::memory_order_acq_rel)) return true;
    }
    return take_fresh(index);
  }
  void give_back(std::uint32_t index) noexcept {
    auto head = free_.load(std::memory_order_relaxed);
    do {
      slot(index).next_free.store(static_cast<std::uint32_t>(head), std::memory_order_relaxed);
    } while (!free_.compare_exchange_weak(head, changed(head, index + 1), std::memory_order_acq_rel));
  }
  static std::uint64_t changed(std::uint64_t head, std::uint32_t to) noexcept {
    return ((head >> 32) + 1) << 32 | to;
  }

  bool take_fresh(std::uint32_t& index) noexcept {
    auto used = used_.load(std::memory_order_relaxed);
    do {
      if (chunk_of(used) >= kChunks || !make_chunk(chunk_of(used))) return false;
    } while (!used_.compare_exchange_weak(used, used + 1, std::memory_order_relaxed));
    index = used;
    return true;
  }
  bool make_chunk(unsigned chunk) noexcept {
    Slot* there = chunks_[chunk].load(std::memory_order_acquire);
    if (there != nullptr) return true;
    Slot* made = new (std::nothrow) Slot[kFirstChunk << chunk];
    if (made == nullptr) return false;
    if (!chunks_[chunk].compare_exchange_strong(there, made, std::memory_order_acq_rel)) delete[] made;
    return true;
  }

  std::array<std::atomic<Slot*>, kChunks> chunks_ = {};
  std::atomic<std::uint64_t> free_ = 0;
  std::atomic<std::uint32_t> used_ = 0;
};

}  // namespace tokenvault::capi
