// Argon2id as slots and accounts call it, held to libsodium's vectors and to the program of the reference.
#include <string>

#include "core/bytes.hpp"
#include "crypto/kdf.hpp"
#include "orgapi/password.hpp"
#include "primitives/vectors.hpp"

namespace tokenvault {
namespace {

using test::Count;

void agrees_with(const std::string& name, std::size_t expected, Count& count) {
  for (const auto& vector : test::vectors(name, expected)) {
    Bytes out(vector.bytes("out").size());
    REQUIRE(crypto::argon2id(vector.bytes("words"), vector.bytes("salt"), vector.number("passes"),
                             vector.number("kib"), out));
    count.add(out == vector.bytes("out"),
              vector.text("passes") + " passes over " + vector.text("kib") + " KiB");
  }
}

TEST_CASE("a passphrase is stretched to what libsodium publishes") {
  Count count("Argon2id: libsodium's vectors");
  agrees_with("argon2id", 9, count);
}

TEST_CASE("a passphrase is stretched to what the reference gives, at the costs that slots have too") {
  Count count("Argon2id: the reference's program");
  agrees_with("argon2id_reference", 9, count);
}

TEST_CASE("the password of an account is known by its string, and by no string that is damaged") {
  Count count("Argon2id: password strings of libsodium's tests");
  for (const auto& vector : test::vectors("password_string", 16)) {
    auto kept = SecretBuffer::copy_of(as_bytes(vector.text("string")));
    REQUIRE(kept);
    const auto words = vector.bytes("words");
    count.add(orgapi::is_password(as_text(words), *kept) == vector.valid(), vector.text("string"));
  }
}

}  // namespace
}  // namespace tokenvault
