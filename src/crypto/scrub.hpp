#pragma once
#include <cstddef>
#include <span>

namespace tokenvault::crypto {

/// At its end, zeroes the stack below the frame and the vector registers: libsodium's primitives
/// leave fragments of keys and plaintext in both (docs/threat-model.md). Put one around every call
/// that touches a secret.
class ScrubScope {
 public:
  ScrubScope() noexcept = default;
  ~ScrubScope();
  ScrubScope(const ScrubScope&) = delete;
  ScrubScope& operator=(const ScrubScope&) = delete;
};

/// Zeroes `bytes` in a way no compiler removes.
void wipe(std::span<std::byte> bytes) noexcept;

}  // namespace tokenvault::crypto
