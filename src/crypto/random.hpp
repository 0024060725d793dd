#pragma once
#include <array>
#include <cstddef>
#include <span>

namespace tokenvault::crypto {

/// Fills `out` from the system's generator. Thread-safe, fork-safe.
void random_fill(std::span<std::byte> out) noexcept;

template <std::size_t N>
std::array<std::byte, N> random_array() noexcept {
  std::array<std::byte, N> out;
  random_fill(out);
  return out;
}

}  // namespace tokenvault::crypto
