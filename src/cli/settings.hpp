#pragma once
#include <string>

#include "request.hpp"
#include "tokenvault/error.hpp"

namespace tokenvault::cli {

/// How to reach a vault in etcd; empty where nobody says.
struct EtcdSettings {
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  std::string user;
  std::string password_file;
};

/// What flags, environment and defaults come to. Paths are empty where neither an XDG variable nor
/// HOME says where they would be.
struct Settings {
  std::string vault_uri;
  bool default_vault = false;  ///< nobody named one
  std::string default_key_file;
  std::string environment_key_file;  ///< TOKENVAULT_KEY_FILE
  std::string credential;            ///< $CREDENTIALS_DIRECTORY/tokenvault.key
  std::string anchors;
  std::string helpers;           ///< which token is for which server
  bool default_helpers = false;  ///< nobody named one
  bool no_input = false;
  EtcdSettings etcd;
};

[[nodiscard]] Settings settings_of(const Request& request);

/// The path of a `sqlite:`, `file:` or bare URI, else empty.
[[nodiscard]] std::string path_of(const std::string& uri);

/// Makes the folders above `path` that are missing, 0700. Errors: permission_denied, io.
Status make_parents(const std::string& path);

}  // namespace tokenvault::cli
