#pragma once
#include <string>

#include "tokenvault/secret.hpp"

namespace tokenvault::tvp {

/// What one read found.
enum class Got : std::uint8_t { some, nothing_yet, end };

/// Bytes of a descriptor that may be secret: the first `limit` are kept, the rest is read and dropped. All of
/// its memory is there before anything is read, so that no token is lost for want of it.
class SecretIntake {
 public:
  /// Errors: out_of_memory.
  static Result<SecretIntake> of(std::size_t limit);

  Got read_from(int fd) noexcept;
  [[nodiscard]] bool full() const noexcept { return filled_ == limit_; }
  [[nodiscard]] bool too_long() const noexcept { return too_long_; }
  /// What was kept; it is empty afterwards.
  SecretBuffer take() noexcept;

 private:
  SecretIntake(SecretBuffer room, std::size_t limit) noexcept : room_(std::move(room)), limit_(limit) {}
  SecretBuffer room_;
  std::size_t limit_;
  std::size_t filled_ = 0;
  bool too_long_ = false;
};

/// Text of a descriptor, at most `limit` bytes.
class TextIntake {
 public:
  explicit TextIntake(std::size_t limit) : room_(limit + 1, '\0') {}

  Got read_from(int fd) noexcept;
  [[nodiscard]] bool too_long() const noexcept { return filled_ == room_.size(); }
  std::string take();

 private:
  std::string room_;
  std::size_t filled_ = 0;
};

}  // namespace tokenvault::tvp
