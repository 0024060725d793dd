#include "provider.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "../program_folders.hpp"
#include "../try.hpp"
#include "tokenvault/exec_provider.hpp"
#include "tokenvault/human_provider.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::string_view kHuman = "human", kExec = "exec:", kRecipe = "recipe:";
constexpr const char* kRecipeProgram = "tokenvault-recipe";

bool is_recipe_word(std::string_view text) {
  return !text.empty() && text.front() != '.' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

Result<std::string> recipe_program() {
  auto folders = program_folders();
  folders.emplace_back(TOKENVAULT_LIBEXECDIR);
  for (const auto& folder : folders) {
    auto path = (folder / kRecipeProgram).string();
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return Error(
      Errc::unsupported,
      "recipes need the program tokenvault-recipe, which is not installed: it is built where libcurl "
      "is there, and `meson install` puts it beside tokenvault");
}

/// A program like any other, told by a setting which recipe it runs.
Result<std::unique_ptr<Provider>> open_recipe(const std::string& recipe, const Policy& policy) {
  TV_TRY(const auto path, recipe_program());
  auto settings = policy.settings;
  settings["recipe"] = recipe;
  return open_exec_provider(path, settings);
}

Result<std::unique_ptr<Provider>> open_provider(const Policy& policy) {
  TV_CHECK(check_provider_word(policy));
  const auto& word = policy.provider;
  if (word.starts_with(kExec)) return open_exec_provider(word.substr(kExec.size()), policy.settings);
  if (word.starts_with(kRecipe)) return open_recipe(word.substr(kRecipe.size()), policy);
  return open_human_provider(policy.settings);
}

}  // namespace

Status check_provider_word(const Policy& policy) {
  const std::string_view word = policy.provider;
  const auto wrong = [](const char* why) { return Error(Errc::invalid_argument, why); };
  if (word == kHuman) {
    TV_CHECK(open_human_provider(policy.settings));
    return Ok{};
  }
  if (word.starts_with(kExec)) {
    if (word.substr(kExec.size()).starts_with('/')) return Ok{};
    return wrong("exec: takes the absolute path of a program");
  }
  if (word.starts_with(kRecipe)) {
    const auto recipe = word.substr(kRecipe.size());
    if (policy.settings.contains("recipe")) return wrong("the setting `recipe` is what recipe: sets itself");
    if (recipe.starts_with('/') || is_recipe_word(recipe)) return Ok{};
    return wrong("recipe: takes a word, or the absolute path of a recipe");
  }
  return wrong("a provider is human, exec:/PATH, recipe:WORD or recipe:/PATH");
}

Result<std::unique_ptr<Provider>> provider_of(const TokenInfo& token) {
  if (!token.policy)
    return Error(Errc::refused, fmt::format("{} has no policy: say who issues it with `tokenvault policy {} "
                                            "--provider P`",
                                            token.name, token.name));
  auto opened = open_provider(*token.policy);
  if (opened) return opened;
  const auto& error = opened.error();
  return Error(error.code(),
               fmt::format("{}; `tokenvault policy {} --provider P` says who issues {} instead",
                           error.message(), token.name, token.name),
               error.os_error());
}

Result<std::unique_ptr<Provider>> provider_or_nobody(const Session& session, const TokenInfo& token) {
  const auto open = [&]() -> Result<std::unique_ptr<Provider>> {
    TV_TRY(auto provider, provider_of(token));
    TV_CHECK(provider->describe());
    return provider;
  };
  auto opened = open();
  if (opened) return opened;
  session.notice("going on without the provider: " + opened.error().message());
  // A person who is asked nothing gives the most careful answers that there are.
  Policy nobody;
  nobody.provider = kHuman;
  nobody.settings["old"] = "kept";
  return open_provider(nobody);
}

}  // namespace tokenvault::cli
