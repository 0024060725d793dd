#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/vault.hpp"

namespace tokenvault {

/// What became of a variable's bytes where the system put them.
enum class Scrub : std::uint8_t {
  scrubbed,              ///< zeroed in the process's initial environment block
  not_in_initial_block,  ///< set later by setenv() or putenv(): that copy could not be wiped
};

struct ConsumedVariable {
  SecretBuffer value;
  Scrub scrub = Scrub::scrubbed;
};

/// Takes the value of an environment variable out of this process: copies it into a SecretBuffer, zeroes
/// name and value in the initial environment block, and unsets it. To be called from main() before any
/// thread is started: getenv(3) and unsetenv(3) are not safe beside one. Promised: this process keeps no
/// other copy that we made or that the system gave it. Not promised: the parent, the unit file or container
/// definition, whatever read the environment before, and children started before, keep theirs.
/// Errors: no_key (not set), refused (empty, or longer than 32 KiB: it is left as it is),
/// invalid_argument, out_of_memory.
TOKENVAULT_API Result<ConsumedVariable> consume_variable(const std::string& variable);

/// A token's name and the variable that a platform puts its value into.
struct PlainMapping {
  std::string name;
  std::string variable;
};

/// Reads "NAME=VARIABLE,NAME=VARIABLE", names with '=' and ',' apart. Errors: invalid_argument (malformed, a
/// bad name, a name or variable given twice, none at all).
TOKENVAULT_API Result<std::vector<PlainMapping>> parse_plain_mapping(std::string_view text);

struct PlainEnvironment {
  Vault vault;                            ///< read-only, of this process alone; not encrypted at rest
  std::vector<std::string> not_scrubbed;  ///< variables whose bytes may be left in memory
};

/// Consumes each variable and keeps the values in a read-only vault in memory, sealed under a key that
/// nobody else has. Errors: no_key naming the variable that is not set (those before it are consumed by
/// then), and as consume_variable().
TOKENVAULT_API Result<PlainEnvironment> open_plain_environment(std::span<const PlainMapping> mappings,
                                                               const VaultOptions& options = {});

}  // namespace tokenvault
