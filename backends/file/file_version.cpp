#include "file/file_version.hpp"

#include <fcntl.h>
#include <sys/random.h>

#include <ctime>
#include <functional>

#include "core/bytes.hpp"
#include "core/mutant.hpp"

namespace tokenvault {
namespace {

std::uint64_t mix(std::uint64_t seed, std::uint64_t value) noexcept {
  // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
  std::uint64_t z = (seed ^ value) + 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

FileVersion FileVersion::of(const struct stat& seen) noexcept {
  return {static_cast<std::uint64_t>(seen.st_dev),
          static_cast<std::uint64_t>(seen.st_ino),
          static_cast<std::uint64_t>(seen.st_size),
          seen.st_mtim.tv_sec,
          seen.st_mtim.tv_nsec,
          seen.st_ctim.tv_sec,
          seen.st_ctim.tv_nsec};
}

bool stamp(const File& file) noexcept {
  struct timespec now {};
  std::uint32_t random = 0;
  if (mutated("file.stamp")) return true;
  if (::clock_gettime(CLOCK_REALTIME, &now) != 0 || ::getrandom(&random, sizeof random, 0) < 0) return false;
  now.tv_nsec = static_cast<long>(random % 1'000'000'000U);
  const struct timespec times[2] = {now, now};
  return ::futimens(file.get(), times) == 0;
}

/// Without the time of change: a chmod makes no commit.
Revision revision_of(const FileVersion& version, BytesView root) noexcept {
  auto hash = mix(version.inode, static_cast<std::uint64_t>(version.modified));
  hash = mix(hash, static_cast<std::uint64_t>(version.modified_ns));
  hash = mix(hash, std::hash<std::string_view>{}(as_text(root)));
  return Revision{hash == 0 ? 1 : hash};
}

}  // namespace tokenvault
