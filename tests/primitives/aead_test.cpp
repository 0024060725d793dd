// XChaCha20-Poly1305 as the vault calls it, held to Wycheproof's vectors.
#include <string>

#include "crypto/aead.hpp"
#include "primitives/chosen_random.hpp"
#include "primitives/vectors.hpp"

namespace tokenvault {
namespace {

using test::Count, test::Vector;

constexpr std::size_t kVectors = 315;

std::size_t plain_size(const Bytes& sealed) {
  return sealed.size() < crypto::kTagSize ? 0 : sealed.size() - crypto::kTagSize;
}

bool opens(const Bytes& key, const Bytes& nonce, const Bytes& ad, const Bytes& sealed, Bytes& plain) {
  return crypto::open(key, nonce, ad, sealed, plain);
}

/// Each part of it in turn with each of its bits changed.
void refuses_each_changed_bit(const Vector& vector, Count& count) {
  Bytes parts[] = {vector.bytes("key"), vector.bytes("iv"), vector.bytes("aad"), vector.bytes("sealed")};
  const auto& [key, nonce, ad, sealed] = parts;
  Bytes plain(plain_size(sealed));
  const Bytes nothing(plain.size());
  for (auto& part : parts) {
    for (std::size_t bit = 0; bit < part.size() * 8; ++bit) {
      const auto mask = std::byte{1} << (bit % 8);
      part[bit / 8] ^= mask;
      const bool refused = !opens(key, nonce, ad, sealed, plain) && plain == nothing;
      part[bit / 8] ^= mask;
      count.add(refused,
                "vector " + vector.text("tcId") + " opens with bit " + std::to_string(bit) + " changed");
    }
  }
}

TEST_CASE("what Wycheproof calls valid opens, and all else is refused and leaves nothing") {
  Count count("XChaCha20-Poly1305: Wycheproof vectors opened or refused");
  for (const auto& vector : test::vectors("xchacha20_poly1305", kVectors)) {
    const auto sealed = vector.bytes("sealed");
    Bytes plain(plain_size(sealed), std::byte{0xA5});
    const bool opened = opens(vector.bytes("key"), vector.bytes("iv"), vector.bytes("aad"), sealed, plain);
    const bool good =
        opened == vector.valid() && plain == (opened ? vector.bytes("msg") : Bytes(plain.size()));
    count.add(good, "vector " + vector.text("tcId"));
  }
}

TEST_CASE("sealing with the nonce of a vector gives its ciphertext") {
  Count count("XChaCha20-Poly1305: Wycheproof vectors sealed");
  for (const auto& vector : test::vectors("xchacha20_poly1305", kVectors)) {
    if (!vector.valid()) continue;
    const auto nonce = vector.bytes("iv"), plain = vector.bytes("msg");
    Bytes sealed(plain.size() + crypto::kTagSize);
    const test::ChosenRandom random(nonce);
    const auto drawn = crypto::seal(vector.bytes("key"), vector.bytes("aad"), plain, sealed);
    const bool whole = test::ChosenRandom::left() == 0 && Bytes(drawn.begin(), drawn.end()) == nonce;
    count.add(whole && sealed == vector.bytes("sealed"), "vector " + vector.text("tcId"));
  }
}

TEST_CASE("no bit of key, nonce, associated data, ciphertext or tag can change") {
  Count count("XChaCha20-Poly1305: one bit of a valid vector changed");
  for (const auto& vector : test::vectors("xchacha20_poly1305", kVectors))
    if (vector.valid()) refuses_each_changed_bit(vector, count);
}

TEST_CASE("no shorter and no longer ciphertext opens") {
  Count count("XChaCha20-Poly1305: a valid vector cut or lengthened");
  for (const auto& vector : test::vectors("xchacha20_poly1305", kVectors)) {
    if (!vector.valid()) continue;
    const auto whole = vector.bytes("sealed");
    for (std::size_t size = 0; size <= whole.size() + 1; ++size) {
      if (size == whole.size()) continue;
      auto sealed = whole;
      sealed.resize(size);
      Bytes plain(plain_size(sealed));
      const bool opened = opens(vector.bytes("key"), vector.bytes("iv"), vector.bytes("aad"), sealed, plain);
      count.add(!opened, "vector " + vector.text("tcId") + " opens with " + std::to_string(size) + " bytes");
    }
  }
}

}  // namespace
}  // namespace tokenvault
