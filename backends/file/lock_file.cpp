#include "file/lock_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "core/try.hpp"
#include "place.hpp"

namespace tokenvault {
namespace {

/// Of the open file description, so that threads of one process exclude each other too (fcntl(2)).
bool try_lock(const File& file) noexcept {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(file.get(), F_OFD_SETLK, &whole) == 0;
}

bool is_busy(int error) noexcept { return error == EAGAIN || error == EACCES || error == EINTR; }

}  // namespace

Result<LockFile> LockFile::acquire(const std::string& path, std::chrono::milliseconds timeout) {
  TV_CHECK(admit_file(path));
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file) return place_error(Errc::io, "open", path, errno);
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!try_lock(file)) {
    if (!is_busy(errno)) return place_error(Errc::io, "lock", path, errno);
    if (std::chrono::steady_clock::now() >= deadline)
      return Error(Errc::unavailable, fmt::format("another process holds {}: try again", path));
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  return LockFile(std::move(file));
}

}  // namespace tokenvault
