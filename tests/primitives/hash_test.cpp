// BLAKE2b, crypto_kdf and SipHash-2-4 as the vault calls them, held to what their authors and libsodium publish.
#include <algorithm>
#include <string>

#include "core/bytes.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"
#include "primitives/vectors.hpp"

namespace tokenvault {
namespace {

using test::Count;

Bytes hash(std::string_view person, const Bytes& key, BytesView data, std::size_t size, std::size_t cut) {
  Bytes out(size);
  crypto::hash(person, key, {data.first(cut), data.subspan(cut)}, out);
  return out;
}

TEST_CASE("BLAKE2b without a person is its authors', wherever the data is cut in two") {
  Count count("BLAKE2b: vectors of its authors, in two parts");
  for (const auto& vector : test::vectors("blake2b", 512)) {
    const auto data = test::counting(vector.number("data")), key = test::counting(vector.number("key"));
    const auto expected = vector.bytes("out");
    for (std::size_t cut = 0; cut <= data.size(); ++cut)
      count.add(hash({}, key, data, expected.size(), cut) == expected,
                vector.text("data") + " bytes, cut at " + std::to_string(cut));
  }
}

TEST_CASE("BLAKE2b with a person, with keys and digests of all sizes, is the reference's") {
  Count count("BLAKE2b: personalised, by the reference's code");
  for (const auto& vector : test::vectors("blake2b_person", 192)) {
    const auto person = vector.bytes("person"), expected = vector.bytes("out");
    const auto data = test::counting(vector.number("data")), key = test::counting(vector.number("key"));
    count.add(hash(as_text(person), key, data, expected.size(), 0) == expected, vector.text("out"));
  }
}

TEST_CASE("BLAKE2b as in RFC 7693, appendix A, by its first half too") {
  Count count("BLAKE2b: RFC 7693, appendix A");
  const auto whole = hash({}, {}, as_bytes("abc"), 64, 0);
  count.add(to_hex(whole) ==
                "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
            "abc");
  // A digest of half the size is another, since its size is in its parameters.
  const auto half = crypto::digest({}, as_bytes("abc"));
  count.add(to_hex(half) == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
            "abc, 32 bytes");
}

TEST_CASE("crypto_kdf gives libsodium's subkeys") {
  Count count("crypto_kdf: libsodium's subkeys");
  const auto key = test::counting(32);
  for (const auto& vector : test::vectors("kdf", 59)) {
    Bytes out(vector.bytes("out").size());
    crypto::derive_key(std::span<const std::byte, 32>(key), "KDF test", vector.number("number"), out);
    count.add(out == vector.bytes("out"), "subkey " + vector.text("number"));
  }
}

TEST_CASE("SipHash-2-4 is Wycheproof's") {
  Count count("SipHash-2-4: Wycheproof vectors");
  for (const auto& vector : test::vectors("siphash_2_4", 40)) {
    std::array<std::byte, 16> key{};
    const auto given = vector.bytes("key");
    std::copy(given.begin(), given.end(), key.begin());
    Writer tag;
    tag.u64(crypto::short_hash(key, vector.bytes("msg")));
    const bool same = std::ranges::equal(tag.view(), vector.bytes("tag"));
    count.add(same == vector.valid(), "vector " + vector.text("tcId"));
  }
}

TEST_CASE("equal knows each bit of a digest") {
  Count count("equal: one bit of 64 bytes changed");
  const auto one = test::counting(64);
  REQUIRE(crypto::equal(one, Bytes(one)));
  for (std::size_t bit = 0; bit < one.size() * 8; ++bit) {
    auto other = one;
    other[bit / 8] ^= std::byte{1} << (bit % 8);
    count.add(!crypto::equal(one, other), "bit " + std::to_string(bit));
  }
}

}  // namespace
}  // namespace tokenvault
