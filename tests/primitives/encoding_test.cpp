// Hex and both kinds of base64, held to RFC 4648, section 10, and to all that is one change away from it.
#include <optional>
#include <string>

#include "core/bytes.hpp"
#include "env/base64url.hpp"
#include "etcd/base64.hpp"
#include "primitives/vectors.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault {
namespace {

using test::Count;

struct Encoded {
  std::string_view plain, base64, hex;
};
constexpr Encoded kVectors[] = {
    {"", "", ""},
    {"f", "Zg==", "66"},
    {"fo", "Zm8=", "666f"},
    {"foo", "Zm9v", "666f6f"},
    {"foob", "Zm9vYg==", "666f6f62"},
    {"fooba", "Zm9vYmE=", "666f6f6261"},
    {"foobar", "Zm9vYmFy", "666f6f626172"},
};

std::string without_padding(std::string_view text) { return std::string(text.substr(0, text.find('='))); }

TEST_CASE("hex and base64url are those of RFC 4648") {
  Count count("hex, base64url: RFC 4648, section 10");
  for (const auto& [plain, base64, hex] : kVectors) {
    const auto bytes = as_bytes(plain);
    count.add(to_hex(bytes) == hex && test::hex(hex) == Bytes(bytes.begin(), bytes.end()), std::string(hex));
    const auto text = without_padding(base64);
    const auto decoded = base64url_decode(text);
    count.add(base64url_encode(bytes) == text && decoded && as_text(*decoded) == plain, text);
  }
}

/// Whether it is taken, and then by the one text that its bytes have: nothing else may mean the same.
template <typename Decode, typename Encode>
bool is_strict(const std::string& text, Decode decode, Encode encode) {
  const auto decoded = decode(text);
  return !decoded || encode(*decoded) == text;
}

template <typename Decode, typename Encode>
void every_change(const std::string& text, Count& count, Decode decode, Encode encode) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto changed = text;
    for (int letter = 0; letter < 256; ++letter) {
      changed[at] = static_cast<char>(letter);
      count.add(is_strict(changed, decode, encode), text + " with letter " + std::to_string(letter));
    }
  }
  for (int letter = 0; letter < 256; ++letter)
    count.add(is_strict(text + static_cast<char>(letter), decode, encode), text + " and one letter more");
}

TEST_CASE("no two texts of base64url mean the same bytes") {
  Count count("base64url: texts one letter away from a vector");
  for (const auto& vector : kVectors)
    every_change(without_padding(vector.base64), count, base64url_decode,
                 [](const Bytes& bytes) { return base64url_encode(bytes); });
}

/// One kind of base64: the vectors, and every change of one letter.
template <typename Decode, typename Encode>
void is_base64(Count& vectors, Count& changes, Decode decode, Encode encode) {
  for (const auto& vector : kVectors) {
    const std::string text(vector.base64);
    const auto decoded = decode(text);
    vectors.add(encode(as_bytes(vector.plain)) == text && decoded && as_text(*decoded) == vector.plain, text);
    every_change(text, changes, decode, encode);
  }
}

std::string encoded_for_etcd(BytesView bytes) {
  std::string text;
  etcd::append_base64(text, bytes);
  return text;
}

std::string encoded_secret(BytesView bytes) {
  const auto secret = SecretBuffer::copy_of(bytes);
  REQUIRE(secret);
  const auto text = base64_encode(*secret);
  REQUIRE(text);
  return std::string(as_text(text->expose()));
}

std::optional<Bytes> decoded_secret(std::string_view text) {
  const auto secret = SecretBuffer::copy_of(as_bytes(text));
  REQUIRE(secret);
  const auto bytes = base64_decode(*secret);
  if (!bytes) return std::nullopt;
  const auto plain = bytes->expose();
  return Bytes(plain.begin(), plain.end());
}

TEST_CASE("base64 as etcd speaks it is that of RFC 4648, and strict") {
  Count vectors("base64 of etcd: RFC 4648, section 10");
  Count changes("base64 of etcd: texts one letter away from a vector");
  is_base64(vectors, changes, etcd::decode_base64, encoded_for_etcd);
}

TEST_CASE("base64 of secrets is that of RFC 4648, and strict") {
  Count vectors("base64 of secrets: RFC 4648, section 10");
  Count changes("base64 of secrets: texts one letter away from a vector");
  is_base64(vectors, changes, decoded_secret, encoded_secret);
}

}  // namespace
}  // namespace tokenvault
