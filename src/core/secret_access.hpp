#pragma once
#include "tokenvault/secret.hpp"

namespace tokenvault {

/// What the library's own rooms may do with a SecretBuffer beyond its public face.
struct SecretAccess {
  static constexpr std::size_t kPadBlock = 64;

  /// The size of `n` bytes after padding: always at least one byte more, a multiple of kPadBlock.
  static constexpr std::size_t padded_size(std::size_t n) noexcept { return (n / kPadBlock + 1) * kPadBlock; }

  /// The bytes followed by 0x80 00*, up to padded_size(size()). Every cell keeps this tail at all
  /// times, so a value can be sealed padded without a second copy of it (32 KiB of 64 in all).
  static std::span<const std::byte> padded(const SecretBuffer& buffer) noexcept;

  /// Room for `padded_size` bytes, a multiple of kPadBlock, to open a padded value into: no larger a
  /// cell than the value will need. Errors: as SecretBuffer::allocate.
  static Result<SecretBuffer> allocate_padded(std::size_t padded_size);
  static std::span<std::byte> padded_writable(SecretBuffer& buffer) noexcept;

  /// After padded_writable() was filled: shortens the buffer to the value before the padding. False
  /// when the padding is not exactly 0x80 00* within the last block.
  static bool unpad(SecretBuffer& buffer) noexcept;
};

}  // namespace tokenvault
