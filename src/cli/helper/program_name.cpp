#include "program_name.hpp"

#include <string_view>

namespace tokenvault::cli {

std::vector<std::string> arguments_of(int count, const char* const* words) {
  std::vector<std::string> arguments;
  if (count == 0) return arguments;
  const std::string_view path(words[0]);
  const auto name = path.substr(path.rfind('/') + 1);
  if (name.starts_with("git-credential-")) arguments = {"helper", "git"};
  if (name.starts_with("docker-credential-")) arguments = {"helper", "docker"};
  arguments.insert(arguments.end(), words + 1, words + count);
  return arguments;
}

}  // namespace tokenvault::cli
