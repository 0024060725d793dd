#pragma once
#include <string_view>

#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

/// A recipe's JSON, in which // comments may stand and no member may stand twice.
/// Errors: refused.
Result<Document> parse_recipe_text(std::string_view text);

}  // namespace tokenvault::recipe
