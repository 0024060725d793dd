#pragma once
#include "recipe/recipe.hpp"
#include "recipe/words.hpp"

namespace tokenvault::recipe {

/// The body with its words filled in. A text that is one word and nothing else is left out with its
/// member where that word has no value, and {overlap} alone becomes a number.
/// Errors: refused (a word has no value or cannot stand there), out_of_memory.
Result<SecretText> json_body(const Document& body, const Words& words);

}  // namespace tokenvault::recipe
