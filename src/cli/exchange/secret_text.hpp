#pragma once
#include <cstddef>
#include <string_view>

#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

/// Bytes that come one by one, of a length nobody knows before, in secret memory.
class SecretText {
 public:
  /// At most `limit` bytes, itself at most kMaxSecretSize.
  explicit SecretText(std::size_t limit) noexcept : limit_(limit) {}

  /// Errors: refused (longer than the limit), out_of_memory.
  Status append(int byte);
  void clear() noexcept { size_ = 0; }
  void shorten_by(std::size_t bytes) noexcept { size_ -= bytes; }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool full() const noexcept { return size_ == limit_; }
  [[nodiscard]] int back() const noexcept;
  /// The bytes, valid until this object is changed.
  [[nodiscard]] std::string_view view() const noexcept;
  /// The bytes; this object is empty afterwards.
  SecretBuffer take() noexcept;

 private:
  Status enlarge();

  SecretBuffer bytes_;
  std::size_t size_ = 0;
  std::size_t limit_;
};

}  // namespace tokenvault::cli
