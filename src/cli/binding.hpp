#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/error.hpp"

namespace tokenvault::cli {

/// A token under the name of a variable: VARIABLE=NAME.
struct Binding {
  std::string_view variable;  ///< or the number of a descriptor
  std::string_view name;
};

/// What the options called `option` say, each `target`=NAME; views into `texts`. Errors: invalid_argument
/// (malformed, a name that cannot be one, a variable that is there twice).
Result<std::vector<Binding>> parse_bindings(const std::vector<std::string>& texts,
                                            std::string_view option = "--env",
                                            std::string_view target = "VARIABLE");

}  // namespace tokenvault::cli
