#pragma once
#include <string>
#include <string_view>

namespace tokenvault::cli {

/// `text` in single quotes, with `inner` in place of one that it holds: '\'' for bash and zsh, \' for fish.
inline std::string quoted(std::string_view text, std::string_view inner = R"('\'')") {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string(inner) : std::string(1, c);
  return result + "'";
}

}  // namespace tokenvault::cli
