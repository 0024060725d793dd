#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/error.hpp"

namespace tokenvault::cli {

/// A token under the name of a variable: VARIABLE=NAME.
struct Binding {
  std::string_view variable;
  std::string_view name;
};

/// What the --env options say; views into `texts`. Errors: invalid_argument (malformed, a name that cannot
/// be one, a variable that is there twice).
Result<std::vector<Binding>> parse_bindings(const std::vector<std::string>& texts);

}  // namespace tokenvault::cli
