#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "core/try.hpp"
#include "recipe/bounded_input.hpp"
#include "recipe/faults.hpp"
#include "recipe/file_descriptor.hpp"
#include "recipe/recipe_reader.hpp"

namespace tokenvault::recipe {

namespace {

bool is_word(std::string_view name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !name.empty() && name.size() <= 64 && name.find_first_not_of(kLetters) == name.npos;
}

// For a program that runs where it was built.
std::string beside_program(const std::string& file) {
  std::array<char, 4096> path{};
  const auto size = ::readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0 || static_cast<std::size_t>(size) == path.size()) return {};
  const std::string_view program(path.data(), static_cast<std::size_t>(size));
  return fmt::format("{}/recipes/{}", program.substr(0, program.rfind('/')), file);
}

Result<std::string> path_of(const std::string& name) {
  if (name.starts_with('/')) return name;
  if (!is_word(name)) {
    return fault_at(
        "", "it is neither a full path nor a plain word of a-z, 0-9 and -; correct the setting \"recipe\"");
  }
  auto installed = fmt::format("{}/{}.json", TOKENVAULT_RECIPES, name);
  return ::access(installed.c_str(), F_OK) == 0 ? installed : beside_program(name + ".json");
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
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
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
