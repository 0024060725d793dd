#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "tokenvault/backends.hpp"

namespace tokenvault::cli {

inline constexpr std::string_view kVariableScheme = "env:";

/// A backup: a vault in one file, like `file:PATH`, but as large as it needs to be, or in a variable, as
/// `env:VARIABLE`, which cannot be made here. Errors: as open_file_store and open_env_store.
Result<std::unique_ptr<Store>> open_backup(const std::string& place, bool create);

}  // namespace tokenvault::cli
