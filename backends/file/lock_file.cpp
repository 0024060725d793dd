#include "file/lock_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "core/mutant.hpp"
#include "core/try.hpp"
#include "place.hpp"

namespace tokenvault {
namespace {

/// Of the open file description, so that threads of one process exclude each other too (fcntl(2)).
bool set_lock(const File& file, short type) noexcept {
  struct flock whole {};
  whole.l_type = type;
  whole.l_whence = SEEK_SET;
  return ::fcntl(file.get(), F_OFD_SETLK, &whole) == 0;
}

bool is_busy(int error) noexcept { return error == EAGAIN || error == EACCES || error == EINTR; }

/// What is locked under a name that somebody gave to another file since keeps nobody out.
bool is_current(const File& file, const std::string& path) noexcept {
  struct stat ours {
  }, there{};
  return ::fstat(file.get(), &ours) == 0 && ::lstat(path.c_str(), &there) == 0 &&
         ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

Result<File> open_lock(const std::string& path) {
  if (!mutated("lock.admitted")) TV_CHECK(admit_file(path));
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file) return place_error(Errc::io, "open", path, errno);
  return file;
}

}  // namespace

Result<LockFile> LockFile::acquire(const std::string& path, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    TV_TRY(auto file, open_lock(path));
    if (set_lock(file, F_WRLCK)) {
      LockFile lock(std::move(file));
      if (mutated("lock.current") || is_current(lock.file_, path)) return lock;
    } else if (!is_busy(errno)) {
      return place_error(Errc::io, "lock", path, errno);
    }
    if (std::chrono::steady_clock::now() >= deadline)
      return Error(Errc::unavailable, fmt::format("another process holds {}: try again", path));
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
}

/// Said aloud: a child forked meanwhile has the description too, and would hold the lock for its life.
LockFile::~LockFile() {
  if (file_ && !mutated("lock.unlock")) set_lock(file_, F_UNLCK);
}

}  // namespace tokenvault
