#include "format/recovery_code.hpp"

#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

std::string code_for(const std::string& key) {
  const auto code = format::encode_recovery(secret(key));
  REQUIRE(code);
  return text_of(*code);
}

TEST_CASE("a code is 14 groups of 4 and gives back its key") {
  for (const char fill : {'\0', '\x55', '\xff', 'k'}) {
    const std::string key(32, fill);
    const auto code = code_for(key);
    CHECK(code.size() == 69);
    for (std::size_t i = 0; i < code.size(); ++i) CHECK((code[i] == '-') == (i % 5 == 4));
    CHECK(text_of(format::decode_recovery(secret(code))) == key);
  }
}

TEST_CASE("people's ways of writing it down are read") {
  const std::string key = "0123456789abcdefghijklmnopqrstuv";
  auto code = code_for(key);
  for (auto& c : code) {
    c = static_cast<char>(std::tolower(c));
    if (c == '-') c = ' ';
    if (c == '0') c = 'O';
    if (c == '1') c = 'l';
  }
  CHECK(text_of(format::decode_recovery(secret(" " + code + "\r\n"))) == key);
}

TEST_CASE("one wrong or missing character anywhere is noticed") {
  const auto code = code_for(std::string(32, 'k'));
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '-') continue;
    auto wrong = code;
    wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
    CHECK(code_of(format::decode_recovery(secret(wrong))) == Errc::wrong_key);
    wrong = code;
    wrong.erase(i, 1);
    CHECK(code_of(format::decode_recovery(secret(wrong))) == Errc::wrong_key);
  }
  for (const auto& bad : {std::string("x"), code + "A", code + "!", std::string(56, 'U')})
    CHECK(code_of(format::decode_recovery(secret(bad))) == Errc::wrong_key);
  CHECK(code_of(format::decode_recovery(SecretBuffer())) == Errc::wrong_key);
}

/// A code that has `wanted` at `place`, counted from its end where that is negative.
std::string code_with(char wanted, std::ptrdiff_t place) {
  for (std::string key(32, '\0');; ++key[0], key[31] = static_cast<char>(key[31] + 7)) {
    auto code = code_for(key);
    if (code.at(static_cast<std::size_t>(place < 0 ? std::ssize(code) + place : place)) == wanted)
      return code;
  }
}

// Its last digit adds nothing, so the checksum alone would not tell.
TEST_CASE("a code without its last digit is noticed where that is 0") {
  auto code = code_with('0', -1);
  code.pop_back();
  CHECK(code_of(format::decode_recovery(secret(code))) == Errc::wrong_key);
}

TEST_CASE("what is no letter of a code stands for none, not even for the last one") {
  auto code = code_with('Z', 0);
  CHECK(format::decode_recovery(secret(code)));
  for (const char c : {'*', 'U', '\x7f', '\xff'}) {
    code[0] = c;
    CHECK(code_of(format::decode_recovery(secret(code))) == Errc::wrong_key);
  }
}

TEST_CASE("digits behind the last are refused as they come, however many") {
  CHECK(code_of(format::decode_recovery(secret(std::string(30'000, 'Z')))) == Errc::wrong_key);
}

}  // namespace
}  // namespace tokenvault::test
