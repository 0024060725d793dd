#include "tokenvault/places.hpp"

#include <cstdlib>

namespace tokenvault {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string xdg_folder(const char* variable, const char* below_home) {
  auto given = environment(variable);
  if (given.starts_with('/')) return given;
  const auto home = environment("HOME");
  return home.starts_with('/') ? home + below_home : std::string();
}

std::string below(const std::string& folder, const char* rest) {
  return folder.empty() ? std::string() : folder + rest;
}

}  // namespace

Places places() {
  Places found;
  found.vault = environment("TOKENVAULT");
  const auto path = below(xdg_folder("XDG_DATA_HOME", "/.local/share"), "/tokenvault/vault.db");
  found.default_vault = path.empty() ? path : "sqlite:" + path;
  found.environment_key_file = environment("TOKENVAULT_KEY_FILE");
  found.credential = below(environment("CREDENTIALS_DIRECTORY"), "/tokenvault.key");
  found.key_file = below(xdg_folder("XDG_CONFIG_HOME", "/.config"), "/tokenvault/vault.key");
  found.anchors = below(xdg_folder("XDG_STATE_HOME", "/.local/state"), "/tokenvault/anchors");
  found.helpers = below(xdg_folder("XDG_CONFIG_HOME", "/.config"), "/tokenvault/helpers");
  return found;
}

}  // namespace tokenvault
