#pragma once
#include <unistd.h>

#include <string>
#include <utility>

#include "tokenvault/error.hpp"

namespace tokenvault {

/// Owns a file descriptor.
class File {
 public:
  explicit File(int fd) noexcept : fd_(fd) {}
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
  int fd_;
};

/// Makes a folder's entries durable: without this a created or renamed file can be gone after power
/// loss although its own bytes were synced. An empty path is the working directory. Errors: io.
Status sync_folder(const std::string& folder);

/// Makes `folder` and what is missing above it, 0700 and durable. Errors: permission_denied, io.
Status make_folders(const std::string& folder);

}  // namespace tokenvault
