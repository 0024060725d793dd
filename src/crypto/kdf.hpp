#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "tokenvault/error.hpp"

namespace tokenvault::crypto {

/// Argon2id v1.3 (RFC 9106), one lane, 16-byte salt, 32 bytes out. The caller has checked the cost.
/// Errors: out_of_memory, which says nothing about the passphrase.
Status argon2id(std::span<const std::byte> passphrase, std::span<const std::byte> salt, std::uint32_t passes,
                std::uint32_t memory_kib, std::span<std::byte> out);

/// Subkey `number` of a 32-byte `key`: libsodium's crypto_kdf, BLAKE2b with `context` (8 characters) as person
/// and `number` as salt. `out` is 16 to 64 bytes.
void derive_key(std::span<const std::byte, 32> key, std::string_view context, std::uint64_t number,
                std::span<std::byte> out) noexcept;

}  // namespace tokenvault::crypto
