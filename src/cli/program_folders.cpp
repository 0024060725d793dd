#include "program_folders.hpp"

namespace tokenvault::cli {

std::vector<std::filesystem::path> program_folders() {
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  // Without /proc nothing is known, and an empty folder would be the current one.
  if (!error) folders.push_back(self.parent_path());
  folders.emplace_back(TOKENVAULT_BINDIR);
  return folders;
}

}  // namespace tokenvault::cli
