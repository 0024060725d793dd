#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "tokenvault/error.hpp"

namespace tokenvault::orgapi {

/// What the command line asks for.
struct Options {
  enum class Verb : std::uint8_t { help, init, password, serve } verb = Verb::help;
  std::string help;
  std::string folder;
  std::string org = "acme", prefix = "org";
  std::optional<int> password_fd;  ///< none: a random password
  std::uint16_t port = 0;          ///< 0: a free one
  unsigned timeout = 10;           ///< seconds without a byte; three times that for a whole request
  unsigned refusals = 20;          ///< refused tokens a minute from one peer before 429
};

/// Errors: invalid_argument, with one of a few fixed texts: what was typed is not said back.
Result<Options> parse_options(int count, char** arguments);

}  // namespace tokenvault::orgapi
