#include "vectors.hpp"

#include <doctest/doctest.h>
#include <sodium.h>

#include <fstream>
#include <iterator>

#include "core/bytes.hpp"
#include "core/hex.hpp"
#include "crypto/hash.hpp"

namespace tokenvault::test {
namespace {

std::string text_in(const std::string& file) {
  std::ifstream in(std::string(TOKENVAULT_VECTORS) + "/" + file, std::ios::binary);
  REQUIRE_MESSAGE(in, file);
  return {std::istreambuf_iterator<char>(in), {}};
}

Bytes bytes_of_text(std::string_view text) {
  const auto view = as_bytes(text);
  return {view.begin(), view.end()};
}

}  // namespace

Json vectors_in(const std::string& file) { return Json::parse(text_in(file)).at("vectors"); }

Bytes vector_file(const std::string& file) { return bytes_of_text(text_in(file)); }

Bytes from_hex_text(const std::string& text) {
  Bytes bytes(text.size() / 2);
  REQUIRE(from_hex(text, bytes));
  return bytes;
}

Bytes from_base64(const std::string& text) {
  if (text.empty()) return {};
  Bytes bytes(text.size() / 4 * 3);
  std::size_t size = 0;
  REQUIRE(sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                            text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) == 0);
  bytes.resize(size);
  return bytes;
}

Result<KeySource> key_of(const Json& key) {
  const auto word = key.begin().key();
  const auto text = key.begin()->get<std::string>();
  auto secret = SecretBuffer::copy_of(word == "recovery" ? bytes_of_text(text) : from_hex_text(text));
  REQUIRE(secret);
  if (word == "recovery") return KeySource::recovery(*secret);
  if (word == "passphrase") return KeySource::passphrase(*std::move(secret));
  if (word == "x25519") return KeySource::identity(*std::move(secret));
  REQUIRE(word == "raw");
  return KeySource::raw_key(*std::move(secret));
}

bool is_value(BytesView bytes, const std::string& written) {
  const std::string digest = "blake2b-256:";
  if (!written.starts_with(digest)) return std::ranges::equal(bytes, from_base64(written));
  return written == digest + to_hex(crypto::digest("", bytes)) + ":" + std::to_string(bytes.size());
}

}  // namespace tokenvault::test
