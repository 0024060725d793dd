#pragma once
#include <string_view>

#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

// Which words may stand where. Errors: refused, naming the place.
Status check_words(const Template& text, Verb verb, std::string_view where);
/// Of a search's conditions: no secret is compared with an answer.
Status check_condition_words(const Template& text, std::string_view where);
/// The base: a fixed address, or one setting and a fixed path behind it. A word within a host would let
/// a value choose who gets the token.
Status check_base_words(const Template& text, std::string_view where);

/// Checks the body's texts, its depth and its words.
Status check_body(const Document& body, Verb verb, std::string_view where);

}  // namespace tokenvault::recipe
