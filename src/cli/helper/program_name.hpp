#pragma once
#include <string>
#include <vector>

namespace tokenvault::cli {

/// The arguments of main() without the program's name. Where that is git-credential-* or docker-credential-*, as a
/// link to this program has it, they begin with the verb that it stands for.
[[nodiscard]] std::vector<std::string> arguments_of(int count, const char* const* words);

}  // namespace tokenvault::cli
