#pragma once
#include <string_view>

#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

/// Whether a recipe may be called that: 1 to 64 of a-z, 0-9 and -.
[[nodiscard]] bool is_recipe_name(std::string_view text) noexcept;

/// Reads a recipe's text and checks all of it. Errors: refused, naming the place.
Result<Recipe> read_recipe(std::string_view text);

/// Refuses a request whose settings lack one that the recipe uses anywhere. Errors: refused.
Status check_settings(const Recipe& recipe, const Request& request);

}  // namespace tokenvault::recipe
