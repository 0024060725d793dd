#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/recipe.hpp"
#include "recipe/words.hpp"

namespace tokenvault::recipe {

/// The conditions' texts with their words filled in; one for each condition, empty where it is true or false.
/// Errors: refused (a word has no value), out_of_memory.
Result<std::vector<std::string>> condition_texts(std::span<const Condition> conditions, const Words& words);

/// Whether all of them hold in the written value. `texts` are those of `conditions`.
[[nodiscard]] bool all_hold(std::string_view written, std::span<const Condition> conditions,
                            std::span<const std::string> texts);

}  // namespace tokenvault::recipe
