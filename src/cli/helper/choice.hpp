#pragma once
#include <string_view>
#include <vector>

#include "../session.hpp"
#include "mapping.hpp"

namespace tokenvault::cli {

/// Which tokens are for whom, for `helper`: by --name and --for, else by the helpers' file, which --map,
/// TOKENVAULT_HELPERS or a default names; none where only the default does, and it is absent. Errors: invalid_argument
/// (also of a line), no_key (no such file), refused (somebody else can write to it), permission_denied, io.
Result<std::vector<Mapping>> mappings_of(const Session& session, std::string_view helper);

}  // namespace tokenvault::cli
