// The token form and what is kept of a token, against tests/vectors/token_format.json.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/hex.hpp"
#include "issuer/minted_token.hpp"
#include "issuer_place.hpp"

using namespace tokenvault;

TEST_CASE("the golden tokens have their parts, check and verifier, and the damaged ones none") {
  std::ifstream file(TOKENVAULT_TOKEN_VECTORS);
  const auto vectors = nlohmann::json::parse(file);
  const auto key = issuer::hash_key_of(test::master_key()).value();
  CHECK(to_hex(key.expose()) == vectors["hash_key"]);
  for (const auto& vector : vectors["tokens"]) {
    const std::string token = vector["token"];
    const auto parts = parse_token(token);
    REQUIRE(parts);
    CHECK(parts->prefix == vector["prefix"]);
    CHECK(parts->id == vector["id"]);
    CHECK(to_hex(issuer::verifier_of(token, key)) == vector["digest"]);
  }
  CHECK(vectors["tokens"].size() == 3);
  for (const std::string token : vectors["malformed"]) CHECK_FALSE(parse_token(token));
  CHECK(vectors["malformed"].size() == 12);
}

TEST_CASE("minted tokens have our form and every digit") {
  std::string seen;
  for (int i = 0; i < 200; ++i) {
    const auto minted = issuer::mint("org").value();
    const auto parts = parse_token(as_text(minted.token.expose()));
    REQUIRE(parts);
    CHECK(parts->id == minted.id);
    seen += minted.id;
  }
  for (const char digit : TokenFormat::kDigits) CHECK(seen.find(digit) != std::string::npos);
}
