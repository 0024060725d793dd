#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "tokenvault/error.hpp"

namespace tokenvault::crypto {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kNonceSize = 24;
inline constexpr std::size_t kTagSize = 16;

using Nonce = std::array<std::byte, kNonceSize>;

/// XChaCha20-Poly1305-IETF (draft-irtf-cfrg-xchacha-03). Draws its own random nonce and returns it;
/// `sealed` must hold plain.size() + kTagSize bytes. 192-bit random nonces need no counter.
Nonce seal(std::span<const std::byte> key, std::span<const std::byte> ad, std::span<const std::byte> plain,
           std::span<std::byte> sealed) noexcept;

/// As seal(), of `plain` with `secret` in the place of its first bytes. They are put there only when nothing is left
/// to do but to encrypt, and `plain`, which need not be secret memory, is wiped: no system call finds them in it.
Nonce seal_with_secret(std::span<const std::byte> key, std::span<const std::byte> ad,
                       std::span<const std::byte> secret, std::span<std::byte> plain,
                       std::span<std::byte> sealed) noexcept;

/// Opens into `plain`, which must hold sealed.size() - kTagSize bytes. Errors: tampered; `plain` is
/// then all zero. Leaves no fragment of the plaintext in stack or registers.
[[nodiscard]] bool open(std::span<const std::byte> key, std::span<const std::byte> nonce,
                        std::span<const std::byte> ad, std::span<const std::byte> sealed,
                        std::span<std::byte> plain) noexcept;

}  // namespace tokenvault::crypto
