#pragma once
#include <array>
#include <cstdint>

#include "tokenvault/store.hpp"

namespace tokenvault::test {

/// A number modulo 2^130 - 5, where Poly1305 reckons: enough of it to solve two equations, no more.
class Field130 {
 public:
  constexpr Field130() = default;
  explicit constexpr Field130(std::uint64_t small) : limbs_{small, 0, 0} {}
  /// Little-endian, at most 17 bytes.
  static Field130 of(BytesView bytes);

  [[nodiscard]] Field130 operator+(const Field130& other) const;
  [[nodiscard]] Field130 operator-(const Field130& other) const;
  [[nodiscard]] Field130 operator*(const Field130& other) const;
  /// By Fermat.
  [[nodiscard]] Field130 inverse() const;
  /// Of two numbers below 2^128, modulo 2^128: as the tag is made.
  [[nodiscard]] Field130 minus_128(const Field130& other) const;

  /// What stands above 2^128.
  [[nodiscard]] std::uint64_t above_128() const { return limbs_[2]; }
  [[nodiscard]] std::array<std::byte, 16> low_16() const;

 private:
  [[nodiscard]] bool bit(unsigned number) const { return (limbs_[number / 64] >> (number % 64) & 1) != 0; }
  void reduce();
  std::array<std::uint64_t, 3> limbs_{};
};

/// 32 bytes of ciphertext and a tag that XChaCha20-Poly1305 opens under either key with one nonce and no
/// associated data ("invisible salamanders", Dodis, Grubbs, Ristenpart and Woodage 2018).
Bytes salamander(BytesView first_key, BytesView second_key, BytesView nonce);

}  // namespace tokenvault::test
