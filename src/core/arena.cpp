#include "core/arena.hpp"

#include <pthread.h>
#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <new>

#include "core/mutant.hpp"

namespace tokenvault {
namespace {

constexpr std::size_t kPlainChunk = Chunk::kMaxUnits * Chunk::kUnit;  // two values of the largest size

constinit Arena process_arena;  // never destroyed: secrets with static storage may outlive everything

}  // namespace

Arena& Arena::of_process() noexcept { return process_arena; }

std::byte* Arena::acquire(std::size_t bytes) noexcept {
  if (!watch_forks()) return nullptr;
  const std::size_t want = bytes / Chunk::kUnit;
  const std::lock_guard lock(mutex_);
  for (Chunk& chunk : locked_) {
    if (std::byte* cell = chunk.take(want)) return cell;
  }
  if (policy_ != MemoryPolicy::off) {
    if (Chunk* grown = grow_locked(bytes)) return grown->take(want);
  }
  return policy_ == MemoryPolicy::require && !mutated("arena.require") ? nullptr : take_plain(want);
}

void Arena::release(std::byte* cell, std::size_t bytes) noexcept {
  if (!mutated("arena.wipe")) sodium_memzero(cell, bytes);
  const std::lock_guard lock(mutex_);
  Chunk* chunk = find(cell);
  assert(chunk != nullptr);
  if (chunk == nullptr) return;
  chunk->put_back(cell, bytes / Chunk::kUnit);
  if (chunk->backing == Backing::plain && chunk->unused()) drop_if_spare(*chunk);
}

bool Arena::configure(MemoryPolicy policy, Backing best) noexcept {
  const std::lock_guard lock(mutex_);
  bool idle = true;
  for_each_mapped([&](const Chunk& chunk) { idle = idle && chunk.unused(); });
  if (!mutated("arena.configured_idle") && !idle) return false;
  for_each_mapped([](Chunk& chunk) { chunk.unmap(); });
  policy_ = policy;
  best_ = best;
  refused_at_ = SIZE_MAX;
  os_error_ = 0;
  return true;
}

Arena::Use Arena::use() noexcept {
  const std::lock_guard lock(mutex_);
  Use use{.locked_bytes = locked_bytes(), .dontdump = true, .dontfork = true, .os_error = os_error_};
  Backing idle = Backing::none;
  for_each_mapped([&](const Chunk& chunk) {
    Backing& weakest = chunk.unused() ? idle : use.backing;
    weakest = std::max(weakest, chunk.backing);
    if (chunk.backing == Backing::plain) use.plain_bytes += (chunk.units - chunk.free_units) * Chunk::kUnit;
    use.dontdump = use.dontdump && chunk.dontdump;
    use.dontfork = use.dontfork && chunk.dontfork;
  });
  if (use.backing == Backing::none) use.backing = idle;
  if (use.backing == Backing::none) use.dontdump = use.dontfork = false;
  return use;
}

Chunk* Arena::grow_locked(std::size_t bytes) noexcept {
  for (Chunk& chunk : locked_) {
    const bool fits =
        chunk.base == nullptr && chunk.bytes >= bytes &&
        (mutated("arena.budget") || locked_bytes() + Chunk::whole_pages(chunk.bytes) <= kLockedBudget);
    if (!fits || chunk.bytes >= refused_at_) continue;
    if (map_locked(chunk)) return &chunk;
    if (policy_ == MemoryPolicy::prefer) refused_at_ = chunk.bytes;
    return nullptr;  // a larger one would be refused as well
  }
  return nullptr;
}

bool Arena::map_locked(Chunk& chunk) noexcept {
  for (const Backing wanted : {Backing::memfd_secret, Backing::locked}) {
    if (wanted < best_) continue;
    const int refused = chunk.map(wanted);
    if (refused == 0) return true;
    if (os_error_ == 0) os_error_ = refused;
  }
  return false;
}

std::byte* Arena::take_plain(std::size_t want) noexcept {
  for (Chunk* chunk = plain_; chunk != nullptr; chunk = chunk->next) {
    if (std::byte* cell = chunk->take(want)) return cell;
  }
  Chunk* grown = grow_plain();
  return grown == nullptr ? nullptr : grown->take(want);
}

Chunk* Arena::grow_plain() noexcept {
  Chunk* chunk = plain_;
  while (chunk != nullptr && chunk->base != nullptr) chunk = chunk->next;
  if (chunk == nullptr) {
    chunk = new (std::nothrow) Chunk{.bytes = kPlainChunk, .next = plain_};
    if (chunk == nullptr) return nullptr;
    plain_ = chunk;
  }
  return chunk->map(Backing::plain) == 0 ? chunk : nullptr;
}

/// Keeps one empty plain chunk, so that a value that comes and goes costs no system calls.
void Arena::drop_if_spare(Chunk& chunk) noexcept {
  for (const Chunk* other = plain_; other != nullptr; other = other->next) {
    if (other != &chunk && other->base != nullptr && other->unused()) return chunk.unmap();
  }
}

Chunk* Arena::find(const std::byte* cell) noexcept {
  for (Chunk& chunk : locked_) {
    if (chunk.holds(cell)) return &chunk;
  }
  Chunk* chunk = plain_;
  while (chunk != nullptr && !chunk->holds(cell)) chunk = chunk->next;
  return chunk;
}

std::size_t Arena::locked_bytes() const noexcept {
  std::size_t sum = 0;
  for (const Chunk& chunk : locked_) sum += chunk.base == nullptr ? 0 : chunk.bytes;
  return sum;
}

template <typename F>
void Arena::for_each_mapped(F&& visit) noexcept {
  for (Chunk& chunk : locked_) {
    if (chunk.base != nullptr) visit(chunk);
  }
  for (Chunk* chunk = plain_; chunk != nullptr; chunk = chunk->next) {
    if (chunk->base != nullptr) visit(*chunk);
  }
}

// Registered outside the mutex: a fork that comes in between finds it open.
bool Arena::watch_forks() noexcept {
  static const bool watching = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
  return watching;
}

void Arena::before_fork() noexcept {
  if (!mutated("arena.fork_lock")) process_arena.mutex_.lock();
}

void Arena::after_fork_in_parent() noexcept { process_arena.mutex_.unlock(); }

void Arena::after_fork_in_child() noexcept {
  Arena& arena = process_arena;
  if (!mutated("arena.fork_forgets")) arena.for_each_mapped([](Chunk& chunk) { chunk.forget(); });
  arena.refused_at_ = SIZE_MAX;
  arena.os_error_ = 0;
  if (!mutated("arena.fork_generation")) arena.generation_.fetch_add(1, std::memory_order_relaxed);
  arena.mutex_.unlock();
}

}  // namespace tokenvault
