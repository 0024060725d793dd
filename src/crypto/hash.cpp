#include "crypto/hash.hpp"

#include <algorithm>

#include "core/mutant.hpp"
#include "crypto/scrub.hpp"
#include "crypto/sodium.hpp"

namespace tokenvault::crypto {
namespace {

using Parts = std::initializer_list<std::span<const std::byte>>;
using Person = std::array<unsigned char, crypto_generichash_blake2b_PERSONALBYTES>;

void blake2b(std::string_view person, std::span<const std::byte> key, Parts parts,
             std::span<std::byte> out) noexcept {
  Person padded{};
  std::copy_n(person.begin(), std::min(person.size(), padded.size()), padded.begin());
  ::crypto_generichash_blake2b_state state;
  ::crypto_generichash_blake2b_init_salt_personal(&state, raw(key), key.size(), out.size(), nullptr,
                                                  padded.data());
  for (const auto part : parts) ::crypto_generichash_blake2b_update(&state, raw(part), part.size());
  ::crypto_generichash_blake2b_final(&state, raw(out), out.size());
  if (!mutated("hash.state_wipe")) ::sodium_memzero(&state, sizeof state);
}

}  // namespace

void hash(std::string_view person, std::span<const std::byte> key, Parts parts,
          std::span<std::byte> out) noexcept {
  start_sodium();
  const ScrubScope scrub;
  blake2b(person, key, parts, out);
}

Digest digest(std::string_view person, std::span<const std::byte> data) noexcept {
  start_sodium();
  Digest out;
  blake2b(person, {}, {data}, out);
  return out;
}

std::uint64_t short_hash(const std::array<std::byte, 16>& key, std::span<const std::byte> data) noexcept {
  std::uint64_t value = 0;
  static_assert(sizeof value == crypto_shorthash_siphash24_BYTES);
  ::crypto_shorthash_siphash24(reinterpret_cast<unsigned char*>(&value), raw(data), data.size(),
                               raw(std::span<const std::byte>(key)));
  return value;
}

bool equal(std::span<const std::byte> a, std::span<const std::byte> b) noexcept {
  return (mutated("hash.equal_size") || a.size() == b.size()) &&
         (mutated("hash.equal") || ::sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace tokenvault::crypto
