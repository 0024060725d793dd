#pragma once
#include <string>

#include "tokenvault/export.hpp"

namespace tokenvault {

/// Where the `tokenvault` command keeps a person's or a service's things when nobody names a place, so that
/// every client finds the same vault: environment variables first, then the folders of the XDG base directory
/// specification, which ignores relative paths. Each is empty where nothing says where it would be.
struct Places {
  std::string vault;                 ///< $TOKENVAULT, a URI
  std::string default_vault;         ///< what stands for it where that is not set, a sqlite: URI
  std::string environment_key_file;  ///< $TOKENVAULT_KEY_FILE
  std::string credential;            ///< $CREDENTIALS_DIRECTORY/tokenvault.key, as systemd gives it
  std::string key_file;              ///< below $XDG_CONFIG_HOME
  std::string anchors;               ///< below $XDG_STATE_HOME
  std::string helpers;               ///< below $XDG_CONFIG_HOME: which token is for which server
};

/// As the environment says now; looks at no file. Not to be called beside setenv().
[[nodiscard]] TOKENVAULT_API Places places();

}  // namespace tokenvault
