#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tokenvault::crypto {

/// Fills `out` from the system's generator. Thread-safe, fork-safe.
void random_fill(std::span<std::byte> out) noexcept;

/// Evenly from 0 to `bound` - 1. Thread-safe, fork-safe.
std::uint32_t random_below(std::uint32_t bound) noexcept;

template <std::size_t N>
std::array<std::byte, N> random_array() noexcept {
  std::array<std::byte, N> out;
  random_fill(out);
  return out;
}

}  // namespace tokenvault::crypto
