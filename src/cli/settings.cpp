#include "settings.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "failure.hpp"

namespace tokenvault::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// A folder of the XDG base directory specification, which ignores relative paths; empty if unknown.
std::string xdg_folder(const char* variable, const char* below_home) {
  const auto given = environment(variable);
  if (given.starts_with('/')) return given;
  const auto home = environment("HOME");
  return home.starts_with('/') ? home + below_home : std::string();
}

std::string below(const std::string& folder, const char* rest) {
  return folder.empty() ? std::string() : folder + rest;
}

}  // namespace

Settings settings_of(const Request& request) {
  Settings settings;
  const auto named = request.vault.value_or(environment("TOKENVAULT"));
  settings.default_vault = named.empty() && !request.vault;
  const auto default_path = below(xdg_folder("XDG_DATA_HOME", "/.local/share"), "/tokenvault/vault.db");
  settings.vault_uri =
      settings.default_vault ? (default_path.empty() ? "" : "sqlite:" + default_path) : named;
  settings.default_key_file = below(xdg_folder("XDG_CONFIG_HOME", "/.config"), "/tokenvault/vault.key");
  settings.environment_key_file = environment("TOKENVAULT_KEY_FILE");
  settings.credential = below(environment("CREDENTIALS_DIRECTORY"), "/tokenvault.key");
  settings.anchors = below(xdg_folder("XDG_STATE_HOME", "/.local/state"), "/tokenvault/anchors");
  const auto no_input = environment("TOKENVAULT_NO_INPUT");
  settings.no_input = request.no_input || (!no_input.empty() && no_input != "0");
  return settings;
}

std::string path_of(const std::string& uri) {
  for (const std::string_view scheme : {"sqlite:", "file:"})
    if (uri.starts_with(scheme)) return uri.substr(scheme.size());
  return uri.find(':') >= uri.find('/') ? uri : std::string();
}

Status make_parents(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const auto folder = path.substr(0, slash);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
      return system_error("make the folder " + folder);
  }
  return Ok{};
}

}  // namespace tokenvault::cli
