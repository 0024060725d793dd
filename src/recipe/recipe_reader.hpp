#pragma once
#include <string_view>

#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

/// Reads a recipe's text and checks all of it. Errors: refused, naming the place.
Result<Recipe> read_recipe(std::string_view text);

/// Refuses a request whose settings lack one that the recipe uses anywhere. Errors: refused.
Status check_settings(const Recipe& recipe, const Request& request);

}  // namespace tokenvault::recipe
