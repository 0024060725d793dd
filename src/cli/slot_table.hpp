#pragma once
#include <string>

#include "tokenvault/vault.hpp"

namespace tokenvault::cli {

/// What opens the vault, a line each, the one that did marked.
[[nodiscard]] std::string slot_table(const VaultInfo& vault);

}  // namespace tokenvault::cli
