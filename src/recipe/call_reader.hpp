#pragma once
#include <string_view>

#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

/// Reads and checks one call of a recipe. Errors: refused, naming the place.
Result<Call> read_call(const Document& object, Verb verb, std::string_view where);

}  // namespace tokenvault::recipe
