#pragma once
#include "session.hpp"

namespace tokenvault::cli {

/// Tries every key at hand on the slots of `vault`: the one that opened it and those of the --try flags.
/// Tells of each slot whether it was opened. Errors: wrong_key where a key that was given opens nothing, or
/// where --all is given and a slot was not opened; and those of reading a key.
Result<int> run_drill(const Session& session, const Vault& vault);

}  // namespace tokenvault::cli
