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

  /// Turns a buffer that holds exactly one padded value into that value: checks the tail, shortens
  /// the buffer. False when the padding is not exactly 0x80 00* within the last block.
  static bool unpad(SecretBuffer& buffer) noexcept;
};

}  // namespace tokenvault
