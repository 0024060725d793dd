#pragma once
#include "recipe/base_address.hpp"
#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

/// The recipe's base with its setting filled in, checked again. Errors: refused.
Result<BaseAddress> target_of(const Recipe& recipe, const Request& request);

}  // namespace tokenvault::recipe
