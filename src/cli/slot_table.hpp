#pragma once
#include <string>

#include "tokenvault/vault.hpp"

namespace tokenvault::cli {

/// What opens the vault, a line each, the one that did marked.
[[nodiscard]] std::string slot_table(const VaultInfo& vault);

/// The same, and of each whether it is among `opened`.
[[nodiscard]] std::string drill_table(const VaultInfo& vault, const std::vector<SlotId>& opened);

}  // namespace tokenvault::cli
