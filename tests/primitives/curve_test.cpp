// X25519 as the vault calls it, held to Wycheproof's vectors and to those of RFC 7748.
#include <algorithm>
#include <string>

#include "crypto/curve.hpp"
#include "primitives/vectors.hpp"

namespace tokenvault {
namespace {

using test::Count;

bool is_zero(const Bytes& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

Bytes shared_secret(const Bytes& private_key, const Bytes& public_key) {
  Bytes shared(32);
  REQUIRE(crypto::shared_secret(private_key, public_key, shared));
  return shared;
}

Bytes public_key(const Bytes& private_key) {
  Bytes key(32);
  crypto::public_key(private_key, key);
  return key;
}

TEST_CASE("each shared secret is Wycheproof's, and what would be all zero is refused") {
  Count count("X25519: Wycheproof vectors");
  std::size_t refused = 0;
  for (const auto& vector : test::vectors("x25519", 518)) {
    const auto expected = vector.bytes("shared");
    Bytes shared(32);
    const bool agreed = crypto::shared_secret(vector.bytes("private"), vector.bytes("public"), shared);
    refused += agreed ? 0 : 1;
    count.add(agreed ? shared == expected : is_zero(expected), "vector " + vector.text("tcId"));
  }
  CHECK(refused == 31);
}

TEST_CASE("RFC 7748 5.2 and 6.1: scalars times points, public keys, and the secret that both sides share") {
  Count count("X25519: RFC 7748, sections 5.2 and 6.1");
  constexpr std::string_view kProducts[][3] = {
      {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
       "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
       "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
      {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
       "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
       "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"}};
  for (const auto& product : kProducts)
    count.add(shared_secret(test::hex(product[0]), test::hex(product[1])) == test::hex(product[2]),
              "a product");
  const auto alice = test::hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const auto bob = test::hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  const auto expected = test::hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  count.add(to_hex(public_key(alice)) == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
            "Alice's public key");
  count.add(to_hex(public_key(bob)) == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
            "Bob's public key");
  count.add(shared_secret(alice, public_key(bob)) == expected, "what Alice gets");
  count.add(shared_secret(bob, public_key(alice)) == expected, "what Bob gets");
}

TEST_CASE("RFC 7748 5.2: each result is the next scalar, and each scalar the next point") {
  Count count("X25519: multiplications in a row, RFC 7748, section 5.2");
  Bytes scalar(32), point(32);
  scalar[0] = point[0] = std::byte{9};
  const std::uint32_t last = test::full_proof() ? 1'000'000 : 1'000;
  if (!test::full_proof()) test::left_out("X25519: 999 000 of a million multiplications in a row");
  for (std::uint32_t n = 1; n <= last; ++n) {
    auto product = shared_secret(scalar, point);
    point = std::exchange(scalar, std::move(product));
    const auto expected = n == 1       ? "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
                          : n == 1'000 ? "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"
                          : n == 1'000'000
                              ? "7c3911e0ab2586fd864497297e575e6f3bc601c0883c30df5f4dd2d24f665424"
                              : nullptr;
    count.add(expected == nullptr || to_hex(scalar) == expected, std::to_string(n) + " in a row");
  }
}

}  // namespace
}  // namespace tokenvault
