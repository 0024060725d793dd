#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "tokenvault/error.hpp"

namespace tokenvault {

/// Owns a file descriptor that is none of the standard ones: where the host has closed those, what it prints would go
/// into our file.
class File {
 public:
  /// -1 with errno set where one of those is to be moved and cannot be.
  explicit File(int fd) noexcept : fd_(fd < 0 || fd > STDERR_FILENO ? fd : moved_up(fd)) {}
  File(File&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  // Here, since programs that load the library have files too.
  static int moved_up(int fd) noexcept {
    const int high = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    const int error = errno;
    ::close(fd);
    errno = error;
    return high;
  }
  int fd_;
};

/// Puts /dev/null where a standard descriptor is closed, for libraries that open files themselves. Errors: io.
Status fill_standard_descriptors();

/// Makes a folder's entries durable: without this a created or renamed file can be gone after power
/// loss although its own bytes were synced. An empty path is the working directory. Errors: io.
Status sync_folder(const std::string& folder);

/// Makes `folder` and what is missing above it, 0700 and durable. Errors: permission_denied, io.
Status make_folders(const std::string& folder);

}  // namespace tokenvault
