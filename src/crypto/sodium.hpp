#pragma once
#include <sodium.h>

#include <cstddef>
#include <cstdlib>
#include <span>

namespace tokenvault::crypto {

/// Lets libsodium choose its fast implementations, once. It can only fail where the system has no
/// random numbers, and then nothing may be sealed.
inline void start_sodium() noexcept {
  static const bool started = ::sodium_init() >= 0;
  if (!started) std::abort();
}

inline const unsigned char* raw(std::span<const std::byte> bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* raw(std::span<std::byte> bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace tokenvault::crypto
