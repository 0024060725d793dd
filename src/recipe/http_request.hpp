#pragma once
#include <optional>
#include <string>
#include <vector>

#include "recipe/recipe.hpp"
#include "recipe/secret_text.hpp"
#include "recipe/words.hpp"

namespace tokenvault::recipe {

/// One request, ready to be sent.
struct HttpRequest {
  std::string method;
  SecretText address;
  std::vector<SecretText> headers;  ///< whole lines
  std::optional<SecretText> body;
  int timeout = 20;  ///< seconds
};

/// Fills `call` in for `request`. Errors: refused (a word has no value or cannot stand there), out_of_memory.
Result<HttpRequest> build_request(const Recipe& recipe, const Call& call, const Request& request,
                                  const Words& words);

}  // namespace tokenvault::recipe
