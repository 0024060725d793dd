#pragma once
#include <string_view>
#include <vector>

#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

/// 200 to 299.
[[nodiscard]] bool is_success(int status);

/// Reads `yes` and `no` of a call: which HTTP statuses mean what. Refuses those that cannot mean it: an
/// answer 500 to `issue` is never a refusal, since nobody knows what happened before it.
/// Errors: refused, naming the place.
Status read_statuses(const Document& object, Verb verb, std::string_view where, Call& call);

}  // namespace tokenvault::recipe
