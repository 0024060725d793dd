#pragma once
#include <chrono>
#include <string>

#include "core/file.hpp"
#include "tokenvault/error.hpp"

namespace tokenvault {

/// An exclusive lock among threads and processes on a file beside the vault, held for the life of this
/// object and given back by the system when the process dies. The file itself stays: who unlinks a lock
/// file leaves two holders of two files of one name.
class LockFile {
 public:
  /// Errors: unavailable (held by others for `timeout`), refused (no regular file of ours),
  /// permission_denied, io.
  static Result<LockFile> acquire(const std::string& path, std::chrono::milliseconds timeout);

  LockFile(LockFile&&) noexcept = default;
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  explicit LockFile(File file) noexcept : file_(std::move(file)) {}
  File file_;
};

}  // namespace tokenvault
