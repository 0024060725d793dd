#include "format/recovery_code.hpp"

#include <array>
#include <cstdint>
#include <string_view>

#include "core/bytes.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "crypto/hash.hpp"
#include "crypto/scrub.hpp"

namespace tokenvault::format {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kKeySize = 32, kSize = 35, kCharacters = 56, kGroup = 4;

Error mistyped() { return {Errc::wrong_key, "the recovery code is mistyped or incomplete"}; }

void checksum(std::span<const std::byte> key, std::span<std::byte> out) noexcept {
  std::array<std::byte, 32> hash;
  crypto::hash("tv1 code", {}, {key}, hash);
  std::copy_n(hash.begin(), out.size(), out.begin());
  crypto::wipe(hash);
}

/// 0 to 31, or -1 for a character that no code has.
int value_of(char c) noexcept {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  const auto at = kAlphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

unsigned digit_at(std::span<const std::byte> bytes, std::size_t i) noexcept {
  const std::size_t bit = i * 5;
  unsigned window = std::to_integer<unsigned>(bytes[bit / 8]) << 8;
  if (bit / 8 + 1 < bytes.size()) window |= std::to_integer<unsigned>(bytes[bit / 8 + 1]);
  return window >> (11 - bit % 8) & 31;
}

}  // namespace

Result<SecretBuffer> encode_recovery(const SecretBuffer& private_key) {
  const crypto::ScrubScope scrub;
  TV_TRY(auto raw, SecretBuffer::allocate(kSize));
  const auto bytes = raw.expose_writable();
  const auto key = private_key.expose();
  std::copy(key.begin(), key.end(), bytes.begin());
  checksum(key, bytes.subspan(kKeySize));
  TV_TRY(auto code, SecretBuffer::allocate(kCharacters + kCharacters / kGroup - 1));
  const auto out = code.expose_writable();
  std::size_t at = 0;
  for (std::size_t i = 0; i < kCharacters; ++i) {
    if (i > 0 && i % kGroup == 0) out[at++] = std::byte{'-'};
    out[at++] = static_cast<std::byte>(kAlphabet[digit_at(bytes, i)]);
  }
  return code;
}

Result<SecretBuffer> decode_recovery(const SecretBuffer& code) {
  const crypto::ScrubScope scrub;
  TV_TRY(auto key, SecretBuffer::allocate(kSize));
  const auto bytes = key.expose_writable();
  std::size_t digits = 0;
  for (const auto c : as_text(code.expose())) {
    if (c == '-' || c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    const int value = value_of(c);
    if ((value < 0 && !mutated("code.letters")) || (!mutated("code.digits") && digits == kCharacters))
      return mistyped();
    for (int bit = 4; bit >= 0; --bit) {
      const std::size_t place = digits * 5 + static_cast<std::size_t>(4 - bit);
      if ((value >> bit & 1) != 0) bytes[place / 8] |= static_cast<std::byte>(128U >> place % 8);
    }
    ++digits;
  }
  std::array<std::byte, kSize - kKeySize> expected{};
  checksum(key.expose().first(kKeySize), expected);
  if ((!mutated("code.whole") && digits != kCharacters) ||
      (!mutated("code.checksum") && !crypto::equal(expected, key.expose().subspan(kKeySize))))
    return mistyped();
  key.truncate(kKeySize);
  return key;
}

}  // namespace tokenvault::format
