#pragma once
#include <sys/stat.h>

#include <compare>
#include <cstdint>

#include "core/file.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault {

/// Tells one committed file from every other that stood in its place.
struct FileVersion {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified = 0, modified_ns = 0, changed = 0, changed_ns = 0;
  auto operator<=>(const FileVersion&) const = default;

  [[nodiscard]] static FileVersion of(const struct stat& seen) noexcept;
};

/// Sets the time of modification to now, with a random part below the second: a commit of the same bytes,
/// in an inode that is used again within one tick of the system's clock, must still be another revision.
/// False with errno.
[[nodiscard]] bool stamp(const File& file) noexcept;

/// The revision that a file of this version and with this root has, in this process and in any other.
[[nodiscard]] Revision revision_of(const FileVersion& version, BytesView root) noexcept;

}  // namespace tokenvault
