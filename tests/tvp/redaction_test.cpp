#include "tvp/redaction.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "core/utf8.hpp"
#include "tvp/asked.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using tvp::last_line;
using tvp::one_line;
using tvp::Redaction;

namespace {

constexpr std::string_view kSecret = "tok/en+with?odd~bytes>>>";

std::string cleaned(std::string_view text, std::string_view value = kSecret) {
  const SecretBuffer held = secret(value);
  Redaction redaction;
  redaction.add(held);
  return redaction.clean(text);
}

std::string base64(std::string_view text) { return text_of(*base64_encode(secret(text))); }

std::string percent(std::string_view text, bool all) {
  std::string out;
  for (const char c : text) {
    const bool plain = !all && (std::isalnum(static_cast<unsigned char>(c)) != 0);
    out += plain ? std::string(1, c) : "%" + to_hex(std::as_bytes(std::span(&c, 1)));
  }
  return out;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string spread(std::string_view text, std::string_view filler, std::size_t every) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && i % every == 0) out += filler;
    out += text[i];
  }
  return out;
}

}  // namespace

TEST_CASE("a secret is taken out in each of its writings") {
  std::string url64 = base64(kSecret);
  for (char& c : url64) c = c == '+' ? '-' : c == '/' ? '_' : c;
  CHECK(url64 != base64(kSecret));
  const std::string hex = to_hex(std::as_bytes(std::span(kSecret)));
  for (const std::string& writing :
       {std::string(kSecret), hex, upper(hex), percent(kSecret, false), percent(kSecret, true),
        upper(percent("tok", true)) + percent("/en+with?odd~bytes>>>", false), base64(kSecret), url64,
        spread(kSecret, "\n", 7), spread(kSecret, " ", 1), spread(kSecret, "\\", 3),
        spread(kSecret, "\r\n", 5), spread(base64(kSecret), "\n", 10),
        spread(std::string(kSecret), std::string(1, '\0'), 1)}) {
    CAPTURE(writing);
    std::string rest = cleaned("before <" + writing + "> after");
    while (rest.ends_with("=> after")) rest.erase(rest.size() - 8, 1);  // the padding says nothing
    CHECK(rest == "before <[redacted]> after");
  }
}

TEST_CASE("what is left out of a line hides no secret there") {
  for (const std::string filler : {"\x80", "\xff", "\xc3", "\xc2\x85", "\x80\n", "\xed\xa0\x80"}) {
    CAPTURE(to_hex(std::as_bytes(std::span(filler))));
    CHECK(one_line(cleaned("a " + spread(kSecret, filler, 5) + " b")).find(kSecret) == std::string::npos);
    CHECK(one_line(cleaned(spread(base64(kSecret), filler, 7))).find("b2t") == std::string::npos);
  }
  CHECK(cleaned("caf\xc3\xa9 \xff tok", "\xff") == "caf\xc3\xa9 [redacted] tok");
}

TEST_CASE("base64 of something longer than the secret gives no more than a few bits of it") {
  for (const std::string before : {"", "u", "us", "use", "user"}) {
    for (const std::string after : {"", "1", "12", "123"}) {
      const std::string text = cleaned("Basic " + base64(before + std::string(kSecret) + after));
      CAPTURE(text);
      CHECK(text.find("[redacted]") != std::string::npos);
      CHECK(text.size() <= std::string_view("Basic [redacted]").size() + 13);
    }
  }
}

TEST_CASE("several secrets, several times, and what only looks like one") {
  const SecretBuffer first = secret("first-secret"), second = secret("second-secret"), none;
  Redaction redaction;
  for (const auto* held : {&first, &second, &none}) redaction.add(*held);
  CHECK(redaction.clean("first-secret second-secret first-secre first-secret") ==
        "[redacted] [redacted] first-secre [redacted]");
  CHECK(redaction.clean("first-secretsecond-secret") == "[redacted]");
  CHECK(redaction.clean("nothing to hide: 100% of %4 and %zz") == "nothing to hide: 100% of %4 and %zz");
  CHECK(redaction.finds_in("x-first-secret-x"));
  CHECK_FALSE(redaction.finds_in("acme"));
  CHECK(redaction.clean("").empty());
}

TEST_CASE("a short secret is taken out as it is, and not where its hex would be") {
  CHECK(cleaned("the pin is 1234", "1234") == "the pin is [redacted]");
  CHECK(cleaned("31323334", "1234") == "31323334");
  CHECK(cleaned("nothing", " \n") == "nothing");
}

TEST_CASE("what is too long to be looked through is not shown") {
  CHECK(cleaned(std::string(8192, 'x')).size() == 8192);
  CHECK(cleaned(std::string(8193, 'x')).empty());
}

TEST_CASE("one line of at most 200 bytes of text") {
  CHECK(one_line("  a\tb\r\n\r\nc \x1b[0m\x7f ") == "a b c [0m");
  CHECK(one_line("") == "");
  CHECK(one_line(" \n ") == "");
  CHECK(one_line("a\xff\xc3"
                 "b\xc2\x85"
                 "c") == "abc");
  CHECK(one_line(std::string(300, 'x')) == std::string(200, 'x'));
  std::string umlauts;
  for (int i = 0; i < 150; ++i) umlauts += "\xc3\xa4";
  CHECK(one_line(umlauts).size() == 200);
  CHECK(one_line("x" + umlauts).size() == 199);
  CHECK(is_plain_text(one_line("x" + umlauts)));
}

TEST_CASE("the last line that says something") {
  CHECK(last_line("first\nlast\n\n \n", false) == "last");
  CHECK(last_line("alone", false) == "alone");
  CHECK(last_line("", false) == "");
  CHECK(last_line("\n\n", true) == "");
  CHECK(last_line("whole\nbeginning of", true) == "whole");
  CHECK(last_line("alone and cut", true) == "alone and cut");
}
