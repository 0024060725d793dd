// Texts from outside, as they are let in.
#include "rotation/line.hpp"

#include <doctest/doctest.h>

#include <array>

#include "support/vault_fixture.hpp"

using namespace tokenvault;
using namespace tokenvault::rotation;
using test::secret;

namespace {

std::string line(std::string_view text, std::size_t limit = 200) { return line_of(text, {}, limit); }

std::string line(std::string_view text, const SecretBuffer& token) {
  const std::array all{static_cast<const SecretBuffer*>(nullptr), &token};
  return line_of(text, all);
}

}  // namespace

TEST_CASE("a line of text is let in as it is, and the first of many") {
  CHECK(line("").empty());
  CHECK(line("quota reached") == "quota reached");
  CHECK(line("first\nsecond") == "first");
  CHECK(line("first\r\nsecond") == "first");
  CHECK(line("\nsecond").empty());
}

TEST_CASE("a text that holds a token is not let in, wherever it is") {
  const auto token = secret("s3cr3t-token");
  for (const auto* text : {"s3cr3t-token", "bad s3cr3t-token here", "first line\nthen s3cr3t-token",
                           "s3cr3t-tokens3cr3t-token", "ends with s3cr3t-token"})
    CHECK(line(text, token).empty());
  CHECK(line(std::string(500, 'x') + "s3cr3t-token", token).empty());  // beyond the cut
  CHECK(line("s3cr3t-toke", token) == "s3cr3t-toke");
  CHECK(line("nothing of it", token) == "nothing of it");
  // One of three bytes would be found in any text.
  CHECK(line("an id", secret("id")) == "an id");
  CHECK(line("a word", secret("word")).empty());
}

TEST_CASE("a long text is cut at a character's end") {
  CHECK(line(std::string(300, 'x')) == std::string(200, 'x'));
  CHECK(line("abcdef", 3) == "abc");
  CHECK(line("ab\xC3\xA9", 3) == "ab");  // e with an accent, two bytes
  CHECK(line("ab\xC3\xA9", 4) == "ab\xC3\xA9");
  CHECK(line("a\xE2\x82\xAC", 2) == "a");  // a currency sign, three bytes
  CHECK(line("a\xE2\x82\xAC", 3) == "a");
  CHECK(line("a\xF0\x9F\x94\x91z", 4) == "a");  // a key, four bytes
  CHECK(line("a\xF0\x9F\x94\x91z", 5) == "a\xF0\x9F\x94\x91");
  CHECK(line("\xE2\x82\xAC", 1).empty());
  CHECK(line("\x82\x82\x82\x82", 2).empty());  // nothing but continuations
}

TEST_CASE("what would move a terminal, or is no text, is not let in") {
  CHECK(line("red \x1B[31m").empty());
  CHECK(line("bell \x07").empty());
  CHECK(line(std::string_view("nul \0 here", 10)).empty());
  CHECK(line("tab\there").empty());
  CHECK(line("delete \x7F").empty());
  CHECK(line("c1 \xC2\x9B").empty());  // the other way to begin an escape
  CHECK(line("\xFF\xFE").empty());
  CHECK(line("half \xC3").empty());
  CHECK(line("overlong \xC0\xAF").empty());
  CHECK(line("surrogate \xED\xA0\x80").empty());
}
