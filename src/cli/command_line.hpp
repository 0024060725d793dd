#pragma once
#include <string>
#include <vector>

#include "request.hpp"
#include "tokenvault/error.hpp"

namespace tokenvault::cli {

/// What a command line comes to: a request, or a text to print and be done.
struct CommandLine {
  Request request;
  std::string text;
};

/// Understands the arguments, program name left out. Errors: invalid_argument with a fixed text,
/// which never echoes a word of the user's, since it may be a secret in the wrong place.
Result<CommandLine> parse(std::vector<std::string> arguments);

/// Whether --json is among the arguments, for failures that come before they are understood.
[[nodiscard]] bool wants_json(const std::vector<std::string>& arguments);

}  // namespace tokenvault::cli
