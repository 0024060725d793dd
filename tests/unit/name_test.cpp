#include "tokenvault/name.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tokenvault {
namespace {

Errc code_of(std::string_view name) { return check_name(name).error().code(); }

TEST_CASE("names that people use are names") {
  for (const char* name :
       {"a", "acme/claimr", "acme/claimr/prod", "Ünïcödé/名前", "a b", "...", "a/..b", "x.y/z-1", "🔑"})
    CHECK_MESSAGE(check_name(name), name);
  CHECK(check_name(std::string(255, 'n')));
}

TEST_CASE("what is no name is refused, whatever the rule") {
  using namespace std::string_view_literals;
  for (const auto name : {""sv, "/a"sv, "a/"sv, "a//b"sv, "."sv, ".."sv, "a/./b"sv, "../b"sv, "a\nb"sv,
                          "a\0b"sv, "\x1f"sv, "\x7f"sv, "\xc2\x80"sv, "\xc2\x9f"sv})
    CHECK(code_of(name) == Errc::invalid_argument);
  CHECK(code_of(std::string(256, 'n')) == Errc::invalid_argument);
}

TEST_CASE("bytes that are not UTF-8 are refused") {
  using namespace std::string_view_literals;
  for (const auto name : {"\x80"sv, "\xff"sv, "\xc3"sv, "\xc0\xaf"sv, "\xe0\x80\xaf"sv, "\xed\xa0\x80"sv,
                          "\xf4\x90\x80\x80"sv, "\xf8\x88\x80\x80\x80"sv, "a\xc3(b"sv})
    CHECK(code_of(name) == Errc::invalid_argument);
  CHECK(check_name("\xc2\xa0"sv));          // the first after C1
  CHECK(check_name("\xf4\x8f\xbf\xbf"sv));  // U+10FFFF
}

TEST_CASE("the message never repeats the bytes") {
  CHECK(check_name("SECRET\n").error().message().find("SECRET") == std::string::npos);
}

}  // namespace
}  // namespace tokenvault
