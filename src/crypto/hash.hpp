#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace tokenvault::crypto {

using Digest = std::array<std::byte, 32>;

/// BLAKE2b (RFC 7693) of the parts in order, personalised by `person` (at most 16 bytes, zero
/// padded), zero salt, `key` of 0 to 64 bytes, `out` of 16 to 64 bytes. One person string per purpose
/// keeps uses apart. Leaves nothing of key or data in stack or registers.
void hash(std::string_view person, std::span<const std::byte> key,
          std::initializer_list<std::span<const std::byte>> parts, std::span<std::byte> out) noexcept;

/// BLAKE2b-256 without a key, of public bytes.
Digest digest(std::string_view person, std::span<const std::byte> data) noexcept;

/// SipHash-2-4 of `data`: for hash tables in memory, never stored.
std::uint64_t short_hash(const std::array<std::byte, 16>& key, std::span<const std::byte> data) noexcept;

/// Equality in time that depends only on the size; false for different sizes.
[[nodiscard]] bool equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept;

}  // namespace tokenvault::crypto
