#pragma once
#include <filesystem>
#include <vector>

namespace tokenvault::cli {

/// Where the programs are that came along: beside this one first, so that an installation that was moved as a whole
/// goes on working, then where they were to be installed.
[[nodiscard]] std::vector<std::filesystem::path> program_folders();

}  // namespace tokenvault::cli
