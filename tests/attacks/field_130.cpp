#include "attacks/field_130.hpp"

#include <sodium.h>

#include "core/bytes.hpp"
#include "crypto/random.hpp"

namespace tokenvault::test {
namespace {

constexpr std::array<std::uint64_t, 3> kPrime{~std::uint64_t{0} - 4, ~std::uint64_t{0}, 3};

bool below(const std::array<std::uint64_t, 3>& a, const std::array<std::uint64_t, 3>& b) {
  for (std::size_t i = 3; i-- > 0;)
    if (a[i] != b[i]) return a[i] < b[i];
  return false;
}

void subtract(std::array<std::uint64_t, 3>& from, const std::array<std::uint64_t, 3>& what) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto before = from[i];
    from[i] = before - what[i] - borrow;
    borrow = before < what[i] || (before == what[i] && borrow != 0) ? 1 : 0;
  }
}

void add(std::array<std::uint64_t, 3>& to, const std::array<std::uint64_t, 3>& what) {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto sum = to[i] + what[i];
    const auto whole = sum + carry;
    carry = (sum < what[i] ? 1U : 0U) + (whole < sum ? 1U : 0U);
    to[i] = whole;
  }
}

/// What Poly1305 is given by one key and nonce.
struct OneTime {
  Field130 r, s;

  OneTime(BytesView key, BytesView nonce) {
    std::array<unsigned char, 32> block{};
    crypto_stream_xchacha20(block.data(), block.size(), reinterpret_cast<const unsigned char*>(nonce.data()),
                            reinterpret_cast<const unsigned char*>(key.data()));
    constexpr std::array<unsigned char, 16> kClamp{255, 255, 255, 15, 252, 255, 255, 15,
                                                   252, 255, 255, 15, 252, 255, 255, 15};
    for (std::size_t i = 0; i < kClamp.size(); ++i) block[i] &= kClamp[i];
    const auto bytes = std::as_bytes(std::span(block));
    r = Field130::of(bytes.first(16));
    s = Field130::of(bytes.last(16));
  }
  /// The sum that the two blocks of ciphertext c1 r^3 + c2 r^2 must make for this tag.
  [[nodiscard]] Field130 wanted(const Field130& tag, const Field130& lengths) const {
    return tag.minus_128(s) - lengths * r;
  }
};

}  // namespace

void Field130::reduce() {
  if (!below(limbs_, kPrime)) subtract(limbs_, kPrime);
}

Field130 Field130::of(BytesView bytes) {
  Field130 number;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    number.limbs_[i / 8] |= std::uint64_t{std::to_integer<std::uint8_t>(bytes[i])} << (8 * (i % 8));
  number.reduce();
  return number;
}

Field130 Field130::operator+(const Field130& other) const {
  auto sum = *this;
  add(sum.limbs_, other.limbs_);
  sum.reduce();
  return sum;
}

Field130 Field130::operator-(const Field130& other) const {
  auto difference = *this;
  add(difference.limbs_, kPrime);
  subtract(difference.limbs_, other.limbs_);
  difference.reduce();
  return difference;
}

Field130 Field130::minus_128(const Field130& other) const {
  auto difference = *this;
  subtract(difference.limbs_, other.limbs_);
  difference.limbs_[2] = 0;
  return difference;
}

Field130 Field130::operator*(const Field130& other) const {
  Field130 product;
  for (unsigned number = 130; number-- > 0;) {
    product = product + product;
    if (bit(number)) product = product + other;
  }
  return product;
}

Field130 Field130::inverse() const {
  Field130 exponent;
  exponent.limbs_ = kPrime;
  exponent.limbs_[0] -= 2;
  Field130 power(1);
  for (unsigned number = 130; number-- > 0;) {
    power = power * power;
    if (exponent.bit(number)) power = power * *this;
  }
  return power;
}

std::array<std::byte, 16> Field130::low_16() const {
  std::array<std::byte, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(limbs_[i / 8] >> (8 * (i % 8)));
  return bytes;
}

/// Of two equations with the blocks c1 and c2 as unknowns, for one tag after another until both have the form of
/// a block: 2^128 and something below it, which is one case in sixteen.
Bytes salamander(BytesView first_key, BytesView second_key, BytesView nonce) {
  const OneTime a(first_key, nonce), b(second_key, nonce);
  Writer last;
  last.u64(0);
  last.u64(32);
  last.u8(1);
  const auto lengths = Field130::of(last.view());
  const auto a2 = a.r * a.r, b2 = b.r * b.r;
  const auto a3 = a2 * a.r, b3 = b2 * b.r;
  const auto over = (a3 * b2 - b3 * a2).inverse();
  for (;;) {
    const auto tag = crypto::random_array<16>();
    const auto one = a.wanted(Field130::of(tag), lengths), other = b.wanted(Field130::of(tag), lengths);
    const auto c1 = (one * b2 - other * a2) * over;
    const auto c2 = (a3 * other - b3 * one) * over;
    if (c1.above_128() != 1 || c2.above_128() != 1) continue;
    Writer out;
    out.raw(c1.low_16());
    out.raw(c2.low_16());
    out.raw(tag);
    return out.take();
  }
}

}  // namespace tokenvault::test
