#include "tokenvault/token_format.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace tokenvault;

namespace {

// From the reference implementation's published vectors; tests/vectors/token_format.py makes them again.
const std::vector<std::string> kTokens = {
    "org_00000000000000000000000000000000000000000000000000000004BOQ1z",
    "org_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz4RFj8E",
    "claimr_7Hq2LmX0tRbEJc5vW1nYkQ8sGd3ZpUa9oIxMfTh4eNl6yCrB0wKjSVt1FnOj7",
};

std::string with(std::string text, std::size_t at, char c) {
  text[at] = c;
  return text;
}

}  // namespace

TEST_CASE("golden tokens are parsed into their public parts") {
  const auto parts = parse_token(kTokens[2]);
  REQUIRE(parts);
  CHECK(parts->prefix == "claimr");
  CHECK(parts->id == "7Hq2LmX0tRbE");
  for (const auto& token : kTokens) CHECK(parse_token(token));
}

TEST_CASE("one character changed, swapped, cut or added, and it is no token") {
  for (const auto& token : kTokens) {
    CHECK_FALSE(parse_token(token.substr(0, token.size() - 1)));
    CHECK_FALSE(parse_token(token.substr(1)));
    CHECK_FALSE(parse_token(token + " "));
    CHECK_FALSE(parse_token(" " + token));
    for (std::size_t i = 0; i < token.size(); ++i) {
      for (const char c : TokenFormat::kDigits) {
        if (c != token[i]) CHECK_FALSE(parse_token(with(token, i, c)));
      }
      if (i + 1 < token.size() && token[i] != token[i + 1])
        CHECK_FALSE(parse_token(with(with(token, i, token[i + 1]), i + 1, token[i])));
    }
  }
}

TEST_CASE("only prefixes of two to sixteen lower-case letters and digits, a letter first") {
  for (const char* good : {"ab", "org", "a1", "abcdefghijklmnop"}) CHECK(is_token_prefix(good));
  for (const char* bad : {"", "a", "1a", "Org", "o_g", "o-g", "abcdefghijklmnopq"})
    CHECK_FALSE(is_token_prefix(bad));
}

TEST_CASE("a shape without the right check is told from what has another shape") {
  CHECK(has_token_shape(kTokens[0]));
  CHECK(has_token_shape(with(kTokens[0], 20, 'x')));
  CHECK_FALSE(has_token_shape(kTokens[0].substr(0, 60)));
  CHECK_FALSE(has_token_shape("ghp_" + std::string(36, 'a')));
  CHECK_FALSE(has_token_shape(std::string(64, '_')));
  CHECK_FALSE(has_token_shape(""));
}

TEST_CASE("a character that is no digit makes no token, though the check is right") {
  for (const char c : {'-', '_', ' ', '/', '=', '\0', '\x7f', '\xc3'}) {
    for (const std::size_t at : {std::size_t{4}, std::size_t{20}, std::size_t{57}}) {
      auto token = with(kTokens[0], at, c).substr(0, kTokens[0].size() - TokenFormat::kCheckSize);
      const auto check = token_check(token);
      token.append(check.data(), check.size());
      REQUIRE(token.size() == kTokens[0].size());
      CHECK_FALSE(has_token_shape(token));
      CHECK_FALSE(parse_token(token));
    }
  }
}

TEST_CASE("in a text every token is cut to what may be shown") {
  CHECK(redact_tokens("sent " + kTokens[2] + " twice: " + kTokens[2]) ==
        "sent claimr_7Hq2LmX0tRbE… twice: claimr_7Hq2LmX0tRbE…");
  CHECK(redact_tokens("X=" + kTokens[0].substr(0, 59) + "\n") == "X=org_000000000000…\n");
  CHECK(redact_tokens("a_b_" + kTokens[0] + "tail") == "a_b_org_000000000000…");
  CHECK(redact_tokens(with(kTokens[0], 30, '7')) == "org_000000000000…");
  CHECK(redact_tokens(std::string("a\0_", 3) + std::string(61, 'a')).size() == 3 + 61);
}

TEST_CASE("of a token as much is shown as names it, and that it goes on") {
  const auto parts = parse_token(kTokens[2]);
  REQUIRE(parts);
  CHECK(shown_token(parts->prefix, parts->id) == redact_tokens(kTokens[2]));
}

TEST_CASE("a text without tokens stays as it is") {
  for (const std::string text :
       {"", "_", "a_", "snake_case_names", "org_short", "no underscore", "__", "sha_0123456789abcdef"})
    CHECK(redact_tokens(text) == text);
}
