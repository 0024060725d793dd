#pragma once
#include <string_view>

#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

/// Reads `send`, `headers` and `json`: what goes out. Errors: refused, naming the place.
Status read_send(const Document& object, Verb verb, std::string_view where, Call& call);
Status read_headers(const Document& object, Verb verb, std::string_view where, Call& call);
Status read_body(const Document& object, Verb verb, std::string_view where, Call& call);

}  // namespace tokenvault::recipe
