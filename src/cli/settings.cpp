#include "settings.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "failure.hpp"
#include "tokenvault/places.hpp"

namespace tokenvault::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

EtcdSettings etcd_settings(const EtcdFlags& flags) {
  return {flags.ca_file.value_or(environment("TOKENVAULT_ETCD_CA_FILE")),
          flags.cert_file.value_or(environment("TOKENVAULT_ETCD_CERT_FILE")),
          flags.key_file.value_or(environment("TOKENVAULT_ETCD_KEY_FILE")),
          flags.user.value_or(environment("TOKENVAULT_ETCD_USER")),
          flags.password_file.value_or(environment("TOKENVAULT_ETCD_PASSWORD_FILE"))};
}

}  // namespace

Settings settings_of(const Request& request) {
  const auto known = places();
  Settings settings;
  const auto& named = request.vault ? *request.vault : known.vault;
  settings.default_vault = named.empty() && !request.vault;
  settings.vault_uri = settings.default_vault ? known.default_vault : named;
  settings.default_key_file = known.key_file;
  settings.environment_key_file = known.environment_key_file;
  settings.credential = known.credential;
  settings.anchors = known.anchors;
  settings.helpers = request.helper.map.value_or(environment("TOKENVAULT_HELPERS"));
  settings.default_helpers = settings.helpers.empty();
  if (settings.default_helpers) settings.helpers = known.helpers;
  const auto no_input = environment("TOKENVAULT_NO_INPUT");
  settings.no_input = request.no_input || (!no_input.empty() && no_input != "0");
  settings.etcd = etcd_settings(request.etcd);
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
