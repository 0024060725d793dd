#pragma once
#include <cstddef>
#include <span>
#include <string_view>

#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

/// Text and secrets on their way to a descriptor, gathered in 4 KiB of secret memory.
class SecretOutput {
 public:
  /// `fd` stays the caller's. Errors: out_of_memory.
  static Result<SecretOutput> to(int fd);

  /// Errors: io.
  Status put(std::string_view text);
  Status put(std::span<const std::byte> bytes);
  Status put(std::byte byte);
  /// Writes what is still gathered; nobody else does. Errors: io.
  Status flush();

 private:
  SecretOutput(int fd, SecretBuffer gathered) noexcept : fd_(fd), gathered_(std::move(gathered)) {}
  int fd_;
  SecretBuffer gathered_;
  std::size_t size_ = 0;
};

}  // namespace tokenvault::cli
