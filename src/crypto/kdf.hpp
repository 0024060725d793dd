#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "tokenvault/error.hpp"

namespace tokenvault::crypto {

/// Argon2id v1.3 (RFC 9106), one lane, 16-byte salt, 32 bytes out. The caller has checked the cost.
/// Errors: out_of_memory, which says nothing about the passphrase.
Status argon2id(std::span<const std::byte> passphrase, std::span<const std::byte> salt, std::uint32_t passes,
                std::uint32_t memory_kib, std::span<std::byte> out);

}  // namespace tokenvault::crypto
