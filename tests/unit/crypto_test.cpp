// Published vectors: the primitives are libsodium's, that we call them rightly is ours to show.
#include <doctest/doctest.h>

#include "core/bytes.hpp"
#include "core/hex.hpp"
#include "crypto/aead.hpp"
#include "crypto/curve.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"
#include "crypto/random.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault {
namespace {

Bytes hex(std::string_view text) {
  Bytes bytes(text.size() / 2);
  REQUIRE(from_hex(text, bytes));
  return bytes;
}

TEST_CASE("XChaCha20-Poly1305 opens the draft's vector (draft-irtf-cfrg-xchacha-03, A.3.1)") {
  const auto key = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const auto nonce = hex("404142434445464748494a4b4c4d4e4f5051525354555657");
  const auto ad = hex("50515253c0c1c2c3c4c5c6c7");
  const auto sealed =
      hex("bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae"
          "64c6708c54c216"
          "cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da976"
          "8812f615c68b13"
          "b52ec0875924c1c7987947deafd8780acf49");
  Bytes plain(sealed.size() - crypto::kTagSize);
  REQUIRE(crypto::open(key, nonce, ad, sealed, plain));
  CHECK(as_text(plain).starts_with("Ladies and Gentlemen of the class of '99"));
}

TEST_CASE("what was sealed opens, and one changed bit anywhere does not") {
  const auto key = crypto::random_array<32>();
  const Bytes ad(9, std::byte{1});
  const Bytes plain(100, std::byte{2});
  Bytes sealed(plain.size() + crypto::kTagSize);
  auto nonce = crypto::seal(key, ad, plain, sealed);
  Bytes opened(plain.size());
  REQUIRE(crypto::open(key, nonce, ad, sealed, opened));
  CHECK(opened == plain);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto changed = sealed;
    changed[bit / 8] ^= std::byte{1} << (bit % 8);
    REQUIRE_FALSE(crypto::open(key, nonce, ad, changed, opened));
  }
  CHECK(opened == Bytes(plain.size()));  // nothing unauthenticated is left behind
  nonce[0] ^= std::byte{1};
  CHECK_FALSE(crypto::open(key, nonce, ad, sealed, opened));
}

TEST_CASE("a secret that is put in front for the sealing alone opens there, and is nowhere afterwards") {
  const auto key = crypto::random_array<32>();
  const auto secret = crypto::random_array<32>();
  Bytes plain(100, std::byte{2});
  Bytes sealed(plain.size() + crypto::kTagSize);
  const auto nonce = crypto::seal_with_secret(key, {}, secret, plain, sealed);
  CHECK(plain == Bytes(100));
  Bytes opened(100);
  REQUIRE(crypto::open(key, nonce, {}, sealed, opened));
  CHECK(crypto::equal(BytesView(opened).first(32), secret));
  CHECK(Bytes(opened.begin() + 32, opened.end()) == Bytes(68, std::byte{2}));
  crypto::seal_with_secret({}, {}, secret, opened, sealed);
  CHECK(sealed == Bytes(116));
  CHECK(opened == Bytes(100));
}

TEST_CASE("sizes that cannot be are refused, and an absent key opens nothing") {
  const auto key = crypto::random_array<32>();
  const auto nonce = crypto::random_array<24>();
  Bytes plain(4);
  CHECK_FALSE(crypto::open(key, nonce, {}, Bytes(15), {}));
  CHECK_FALSE(crypto::open(key, nonce, {}, Bytes(21), plain));
  CHECK_FALSE(crypto::open({}, nonce, {}, Bytes(20), plain));
  Bytes sealed(20, std::byte{9});
  crypto::seal({}, {}, plain, sealed);
  CHECK(sealed == Bytes(20));
}

TEST_CASE("BLAKE2b as in RFC 7693, and apart by person, key and data") {
  CHECK(to_hex(crypto::digest("", as_bytes("abc"))) ==
        "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
  crypto::Digest a, b;
  const auto key = crypto::random_array<32>();
  crypto::hash("tv1 one", key, {as_bytes("ab"), as_bytes("c")}, a);
  crypto::hash("tv1 one", key, {as_bytes("abc")}, b);
  CHECK(a == b);
  crypto::hash("tv1 two", key, {as_bytes("abc")}, b);
  CHECK(a != b);
  crypto::hash("tv1 one", {}, {as_bytes("abc")}, b);
  CHECK(a != b);
}

TEST_CASE("X25519 as in RFC 7748 5.2, and a low-order point is refused") {
  const auto alice = hex("77076d0a7318a57d3c16c17251b26645c6c2e7fb3f8d4bbb9f0e8c1e9f3a6e5f");
  Bytes alice_public(32), shared(32), ours(32);
  crypto::public_key(alice, alice_public);
  const auto bob = crypto::random_array<32>();
  Bytes bob_public(32);
  crypto::public_key(bob, bob_public);
  REQUIRE(crypto::shared_secret(alice, bob_public, shared));
  REQUIRE(crypto::shared_secret(bob, alice_public, ours));
  CHECK(shared == ours);
  const auto scalar = hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
  const auto point = hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
  REQUIRE(crypto::shared_secret(scalar, point, shared));
  CHECK(to_hex(shared) == "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  CHECK_FALSE(crypto::shared_secret(alice, Bytes(32), shared));
}

TEST_CASE("Argon2id depends on all it is given") {
  Bytes one(32), two(32);
  const auto stretch = [](std::string_view text, std::uint32_t passes, Bytes& out) {
    return crypto::argon2id(as_bytes(text), Bytes(16), passes, 8192, out);
  };
  REQUIRE(stretch("words", 1, one));
  REQUIRE(stretch("words", 1, two));
  CHECK(one == two);
  REQUIRE(stretch("words", 2, two));
  CHECK(one != two);
  REQUIRE(stretch("word", 1, two));
  CHECK(one != two);
}

TEST_CASE("equal compares size and bytes") {
  CHECK(crypto::equal(Bytes(3), Bytes(3)));
  CHECK_FALSE(crypto::equal(Bytes(3), Bytes(4)));
  CHECK_FALSE(crypto::equal(Bytes(1), Bytes(1, std::byte{1})));
  CHECK(crypto::equal({}, {}));
}

}  // namespace
}  // namespace tokenvault
