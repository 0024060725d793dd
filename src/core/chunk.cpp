#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fcntl.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cerrno>

#include "core/arena.hpp"
#include "core/mutant.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define TV_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TV_ASAN 1
#endif
#endif
#ifdef TV_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace tokenvault {
namespace {

#ifdef TV_ASAN
void poison(const std::byte* at, std::size_t size) noexcept { __asan_poison_memory_region(at, size); }
void unpoison(const std::byte* at, std::size_t size) noexcept { __asan_unpoison_memory_region(at, size); }
#else
void poison(const std::byte*, std::size_t) noexcept {}
void unpoison(const std::byte*, std::size_t) noexcept {}
#endif

std::size_t page_size() noexcept {
  static const std::size_t size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

/// Address space for `size` bytes and a guard page on each side; null with errno set.
std::byte* reserve(std::size_t size) noexcept {
  void* start =
      mmap(nullptr, size + 2 * page_size(), mutated("chunk.guards") ? PROT_READ | PROT_WRITE : PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return start == MAP_FAILED ? nullptr : static_cast<std::byte*>(start) + page_size();
}

void unreserve(std::byte* base, std::size_t size) noexcept {
  munmap(base - page_size(), size + 2 * page_size());
}

int secret_file(std::size_t size) noexcept {
  constexpr long kMemfdSecret = 447;  // the same on every architecture; older headers lack it
  const int fd = static_cast<int>(syscall(kMemfdSecret, O_CLOEXEC));
  if (fd < 0) return -1;
  if (ftruncate(fd, static_cast<off_t>(size)) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

/// Null with errno set.
std::byte* map_secret(std::size_t size) noexcept {
  const int fd = secret_file(size);
  if (fd < 0) return nullptr;
  std::byte* base = reserve(size);
  constexpr int kAccess = PROT_READ | PROT_WRITE;
  const bool mapped =
      base != nullptr && mmap(base, size, kAccess, MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED;
  const int error = errno;
  close(fd);
  if (mapped) return base;
  if (base != nullptr) {
    // The refused mapping left a hole that another thread may have filled: only the guards are ours.
    munmap(base - page_size(), page_size());
    munmap(base + size, page_size());
  }
  errno = error;
  return nullptr;
}

/// Null with errno set.
std::byte* map_anonymous(std::size_t size, bool locked) noexcept {
  std::byte* base = reserve(size);
  if (base == nullptr) return nullptr;
  if (mprotect(base, size, PROT_READ | PROT_WRITE) == 0 &&
      (!locked || mutated("chunk.lock") || mlock(base, size) == 0))
    return base;
  const int error = errno;
  unreserve(base, size);
  errno = error;
  return nullptr;
}

}  // namespace

std::size_t Chunk::whole_pages(std::size_t bytes) noexcept {
  return (bytes + page_size() - 1) / page_size() * page_size();
}

int Chunk::map(Backing wanted) noexcept {
  bytes = whole_pages(bytes);
  const bool secret = wanted == Backing::memfd_secret;
  std::byte* mapped = secret ? map_secret(bytes) : map_anonymous(bytes, wanted == Backing::locked);
  if (mapped == nullptr) return errno;
  std::byte* start = mapped - page_size();
  const std::size_t length = bytes + 2 * page_size();
  dontdump = mutated("chunk.dontdump") || madvise(start, length, MADV_DONTDUMP) == 0;
  dontfork = mutated("chunk.dontfork") || madvise(start, length, MADV_DONTFORK) == 0;
  if (secret && !dontfork) {  // shared memory: a child would write into its parent's secrets
    const int error = errno;
    unreserve(mapped, bytes);
    return error;
  }
  base = mapped;
  backing = wanted;
  units = free_units = std::min(bytes / kUnit, kMaxUnits);
  used = {};
  poison(base, bytes);
  return 0;
}

void Chunk::unmap() noexcept {
  unpoison(base, bytes);
  unreserve(base, bytes);
  base = nullptr;
}

void Chunk::forget() noexcept {
  unpoison(base, bytes);
  base = nullptr;
}

bool Chunk::holds(const std::byte* cell) const noexcept {
  return base != nullptr && cell >= base && cell < base + bytes;
}

std::byte* Chunk::take(std::size_t want) noexcept {
  if (base == nullptr || free_units < want) return nullptr;
  const std::size_t at = find_run(want);
  if (at == units) return nullptr;
  flip(at, want);
  free_units -= want;
  unpoison(base + at * kUnit, want * kUnit);
  return base + at * kUnit;
}

void Chunk::put_back(const std::byte* cell, std::size_t count) noexcept {
  const auto at = static_cast<std::size_t>(cell - base) / kUnit;
  assert(find_bit(at, false) >= at + count);
  flip(at, count);
  free_units += count;
  poison(cell, count * kUnit);
}

/// The first unit from `from` on that is taken, or free; `units` when there is none.
std::size_t Chunk::find_bit(std::size_t from, bool taken) const noexcept {
  while (from < units) {
    const std::uint64_t word = taken ? used[from / 64] : ~used[from / 64];
    const std::uint64_t rest = word >> (from % 64);
    if (rest != 0) return std::min(units, from + static_cast<std::size_t>(std::countr_zero(rest)));
    from = (from / 64 + 1) * 64;
  }
  return units;
}

std::size_t Chunk::find_run(std::size_t want) const noexcept {
  std::size_t at = find_bit(0, false);
  while (at + want <= units) {
    const std::size_t end = find_bit(at, true);
    if (end - at >= want) return at;
    at = find_bit(end, false);
  }
  return units;
}

void Chunk::flip(std::size_t at, std::size_t count) noexcept {
  while (count > 0) {
    const std::size_t here = std::min(count, 64 - at % 64);
    const std::uint64_t ones = here == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << here) - 1;
    used[at / 64] ^= ones << (at % 64);
    at += here;
    count -= here;
  }
}

}  // namespace tokenvault
