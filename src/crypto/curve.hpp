#pragma once
#include <cstddef>
#include <span>

namespace tokenvault::crypto {

/// X25519 (RFC 7748); every span is 32 bytes.
void public_key(std::span<const std::byte> private_key, std::span<std::byte> out) noexcept;

/// The shared secret; false for a low-order point, whose result would be all zero.
[[nodiscard]] bool shared_secret(std::span<const std::byte> private_key,
                                 std::span<const std::byte> public_key, std::span<std::byte> out) noexcept;

}  // namespace tokenvault::crypto
