#include "sqlite/whole_index.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <type_traits>

#include "core/mutant.hpp"

namespace tokenvault::sqlite {
namespace {

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/// Whether every page of it can be written to. Where the kernel cannot say (EINVAL before 5.14, or a system call that is
/// not to be had) it is taken as it is: EFAULT is what would be SIGBUS.
bool has_blocks(void* at, int size) noexcept {
  return ::madvise(at, static_cast<std::size_t>(size), MADV_POPULATE_WRITE) == 0 ||
         (errno != EFAULT && errno != ENOMEM);
}

}  // namespace

void WholeIndex::demand(sqlite3* database) noexcept {
  static_assert(std::is_standard_layout_v<WholeIndex>, "map() finds this object by its first member");
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return;
  if (file == nullptr || file->pMethods == nullptr) return;
  if (file->pMethods->iVersion < 2 || file->pMethods->xShmMap == nullptr) return;
  theirs_ = file->pMethods;
  methods_ = *theirs_;
  // Of a later version there may be more, which this copy does not have.
  methods_.iVersion = methods_.iVersion > 3 ? 3 : methods_.iVersion;
  methods_.xShmMap = &WholeIndex::map;
  file->pMethods = &methods_;
}

/// Not only where it grows: once it has grown and was refused for its holes, it is as large as the next to ask wants it.
int WholeIndex::map(sqlite3_file* file, int region, int size, int extend, void volatile** at) noexcept {
  const auto* const self = reinterpret_cast<const WholeIndex*>(file->pMethods);
  const int code = self->theirs_->xShmMap(file, region, size, extend, at);
  if (code != SQLITE_OK || *at == nullptr) return code;
  if (mutated("index.blocks") || has_blocks(const_cast<void*>(*at), size)) return code;
  *at = nullptr;
  // The first is asked for before anything is written. The next ones are asked for when a transaction is in the log and
  // synced, so that whoever opens it next may find it done: SQLite's own code for that leaves it in doubt.
  return region == 0 || mutated("index.doubt") ? SQLITE_FULL : SQLITE_IOERR_SHMSIZE;
}

}  // namespace tokenvault::sqlite
