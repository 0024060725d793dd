// Plain variables: taken once, wiped where the system put them, and never written to again.
#include "tokenvault/environment.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "support/child.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

std::string mapping_text(std::string_view text) {
  const auto mappings = parse_plain_mapping(text);
  if (!mappings) return std::string(to_string(mappings.error().code()));
  std::string all;
  for (const auto& mapping : *mappings) all += mapping.name + '>' + mapping.variable + ';';
  return all;
}

TEST_CASE("a mapping is names and variables, each once") {
  CHECK(mapping_text("a/b=X") == "a/b>X;");
  CHECK(mapping_text("a/b=X,c=Y_2") == "a/b>X;c>Y_2;");
  for (const char* text : {"", ",", "a", "=X", "a=", "a=X,", ",a=X", "a=X,a=Y", "a=X,b=X", "a//b=X", "a=X=Y"})
    CHECK(mapping_text(text) == "invalid_argument");
}

TEST_CASE("what was set later is taken, unset, and said not to be scrubbed") {
  ::setenv("TOKENVAULT_TEST_PLAIN", "value", 1);
  const auto consumed = consume_variable("TOKENVAULT_TEST_PLAIN");
  REQUIRE(consumed);
  CHECK(text_of(consumed->value) == "value");
  CHECK(consumed->scrub == Scrub::not_in_initial_block);
  CHECK(std::getenv("TOKENVAULT_TEST_PLAIN") == nullptr);
  CHECK(code_of(consume_variable("TOKENVAULT_TEST_PLAIN")) == Errc::no_key);
  CHECK(code_of(consume_variable("")) == Errc::invalid_argument);
  CHECK(code_of(consume_variable("A=B")) == Errc::invalid_argument);
}

/// What the system shows of this process's environment: the block that it began with, as it is now.
std::string shown_environment() {
  std::ifstream file("/proc/self/environ", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("child: takes the variable that it was started with" * doctest::skip()) {
  REQUIRE(shown_environment().find("TOKENVAULT_TEST_GIVEN=from-the-start") != std::string::npos);
  const auto consumed = consume_variable("TOKENVAULT_TEST_GIVEN");
  REQUIRE(consumed);
  CHECK(text_of(consumed->value) == "from-the-start");
  CHECK(consumed->scrub == Scrub::scrubbed);
  CHECK(shown_environment().find("TOKENVAULT_TEST_GIVEN") == std::string::npos);
  CHECK(shown_environment().find("from-the-start") == std::string::npos);
  CHECK(shown_environment().find("TOKENVAULT_TEST_BESIDE=it") != std::string::npos);
}

TEST_CASE("what a process was started with is taken, and wiped where the system put it") {
  Child child("child: takes the variable that it was started with",
              {"TOKENVAULT_TEST_GIVEN=from-the-start", "TOKENVAULT_TEST_BESIDE=it"});
  CHECK(child.join() == 0);
}

TEST_CASE("what cannot be a token is left where it is") {
  ::setenv("TOKENVAULT_TEST_PLAIN", "", 1);
  CHECK(code_of(consume_variable("TOKENVAULT_TEST_PLAIN")) == Errc::refused);
  ::setenv("TOKENVAULT_TEST_PLAIN", std::string(kMaxSecretSize + 1, 'x').c_str(), 1);
  CHECK(code_of(consume_variable("TOKENVAULT_TEST_PLAIN")) == Errc::refused);
  CHECK(std::getenv("TOKENVAULT_TEST_PLAIN") != nullptr);
  ::unsetenv("TOKENVAULT_TEST_PLAIN");
}

TEST_CASE("plain variables make a vault that can be read and not written") {
  ::setenv("TOKENVAULT_TEST_ONE", "first", 1);
  ::setenv("TOKENVAULT_TEST_TWO", "second", 1);
  const auto mappings = parse_plain_mapping("acme/one=TOKENVAULT_TEST_ONE,acme/two=TOKENVAULT_TEST_TWO");
  auto opened = open_plain_environment(*mappings);
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message()));
  auto& vault = opened->vault;
  CHECK(opened->not_scrubbed.size() == 2);
  CHECK(text_of(vault.get("acme/one")) == "first");
  CHECK(text_of(vault.get("acme/two")) == "second");
  CHECK(vault.list()->size() == 2);
  const auto info = vault.info();
  CHECK_FALSE(info->encrypted_at_rest);
  CHECK_FALSE(info->capabilities.writable);
  CHECK_FALSE(info->capabilities.durable);
  CHECK(code_of(vault.put("acme/one", secret("x"))) == Errc::read_only);
  CHECK(code_of(vault.erase("acme/one")) == Errc::read_only);
  const auto target = open_memory_store();
  CHECK(code_of(vault.backup_to(**target)) == Errc::refused);
  CHECK(code_of(vault.migrate_to(**target)) == Errc::refused);
  CHECK(*(*target)->revision() == Revision::absent);
  CHECK(code_of(open_plain_environment(*mappings)) == Errc::no_key);
}

}  // namespace
}  // namespace tokenvault::test
