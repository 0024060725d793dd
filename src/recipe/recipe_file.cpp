#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "core/file.hpp"
#include "core/try.hpp"
#include "recipe/bounded_input.hpp"
#include "recipe/faults.hpp"
#include "recipe/recipe_reader.hpp"

namespace tokenvault::recipe {

namespace {

std::string program_folder() {
  std::array<char, 4096> path{};
  const auto size = ::readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0 || static_cast<std::size_t>(size) == path.size()) return {};
  const std::string_view program(path.data(), static_cast<std::size_t>(size));
  return std::string(program.substr(0, program.rfind('/')));
}

Result<std::string> path_of(const std::string& name) {
  if (name.starts_with('/')) return name;
  if (!is_recipe_name(name)) {
    return fault_at(
        "", "it is neither a full path nor a plain word of a-z, 0-9 and -; correct the setting \"recipe\"");
  }
  // Beside this program first, so that an installation that was moved as a whole goes on working, and so
  // that the program runs where it was built.
  const auto folder = program_folder();
  for (const auto* place : {"/../share/tokenvault/recipes", "/recipes"}) {
    auto beside = fmt::format("{}{}/{}.json", folder, place, name);
    if (!folder.empty() && ::access(beside.c_str(), F_OK) == 0) return beside;
  }
  return fmt::format("{}/{}.json", TOKENVAULT_RECIPES, name);
}

// Whoever can write the file can send the token to a place of his own.
Status check_trust(int fd) {
  struct stat found {};
  if (::fstat(fd, &found) != 0) return Error(Errc::io, "it cannot be examined", errno);
  if (!S_ISREG(found.st_mode)) return fault_at("", "it is no plain file");
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fault_at("", "others can write it; run chmod go-w on it");
  if (found.st_uid != 0 && found.st_uid != ::geteuid())
    return fault_at("", "it belongs to neither root nor this user");
  return Ok{};
}

Result<Recipe> load(const std::string& name) {
  TV_TRY(const auto path, path_of(name));
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return fault_at("", fmt::format("{} cannot be opened", path));
  TV_CHECK(check_trust(file.get()));
  TV_TRY(const auto text, read_all(file.get(), "it"));
  return read_recipe(text);
}

}  // namespace

Result<Recipe> load_recipe(const std::string& name) {
  auto recipe = load(name);
  if (recipe) return recipe;
  return Error(Errc::refused, fmt::format("use the recipe {}: {}", name, recipe.error().message()));
}

}  // namespace tokenvault::recipe
