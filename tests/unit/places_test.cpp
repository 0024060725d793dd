// Where everybody finds the same vault: what the environment names, and what stands for what it does not.
#include "tokenvault/places.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <optional>

namespace tokenvault {
namespace {

constexpr const char* kVariables[] = {
    "HOME",       "XDG_DATA_HOME",       "XDG_CONFIG_HOME",      "XDG_STATE_HOME",
    "TOKENVAULT", "TOKENVAULT_KEY_FILE", "CREDENTIALS_DIRECTORY"};

void set(const char* name, const std::optional<std::string>& value) {
  if (value)
    ::setenv(name, value->c_str(), 1);
  else
    ::unsetenv(name);
}

/// What places() says in an environment of these variables alone.
Places places_with(const std::map<std::string, std::string>& variables) {
  std::map<const char*, std::optional<std::string>> before;
  for (const char* name : kVariables) {
    if (const char* value = std::getenv(name)) before[name] = value;
    const auto wanted = variables.find(name);
    set(name, wanted == variables.end() ? std::nullopt : std::optional(wanted->second));
  }
  const auto found = places();
  for (const char* name : kVariables) set(name, before[name]);
  return found;
}

TEST_CASE("a home alone says where everything is but what only the environment can name") {
  const auto found = places_with({{"HOME", "/home/ann"}});
  CHECK(found.default_vault == "sqlite:/home/ann/.local/share/tokenvault/vault.db");
  CHECK(found.key_file == "/home/ann/.config/tokenvault/vault.key");
  CHECK(found.anchors == "/home/ann/.local/state/tokenvault/anchors");
  CHECK(found.helpers == "/home/ann/.config/tokenvault/helpers");
  CHECK(found.vault.empty());
  CHECK(found.environment_key_file.empty());
  CHECK(found.credential.empty());
}

TEST_CASE("a variable that names a folder comes before the home, and a relative one is none") {
  const auto found = places_with({{"HOME", "/home/ann"},
                                  {"XDG_DATA_HOME", "/data"},
                                  {"XDG_CONFIG_HOME", "relative"},
                                  {"XDG_STATE_HOME", "/state"}});
  CHECK(found.default_vault == "sqlite:/data/tokenvault/vault.db");
  CHECK(found.key_file == "/home/ann/.config/tokenvault/vault.key");
  CHECK(found.anchors == "/state/tokenvault/anchors");
}

TEST_CASE("what the environment names itself is told as it is, and nowhere is empty") {
  const auto found = places_with({{"HOME", "relative"},
                                  {"TOKENVAULT", "file:v"},
                                  {"TOKENVAULT_KEY_FILE", "k"},
                                  {"CREDENTIALS_DIRECTORY", "/run/credentials/x"}});
  CHECK(found.vault == "file:v");
  CHECK(found.environment_key_file == "k");
  CHECK(found.credential == "/run/credentials/x/tokenvault.key");
  CHECK(found.default_vault.empty());
  CHECK(found.key_file.empty());
  CHECK(found.anchors.empty());
}

}  // namespace
}  // namespace tokenvault
