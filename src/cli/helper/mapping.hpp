#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server.hpp"
#include "tokenvault/error.hpp"

namespace tokenvault::cli {

/// Which token is for which servers.
struct Mapping {
  std::optional<Where> where;  ///< nothing: all of them that speak https
  std::string name;            ///< of the token
  std::string user;            ///< empty: none is named
};

/// The lines `HELPER WHERE NAME [USER]` of a file that are for `helper`, in order; a word that begins with # and
/// what follows is a comment. Errors: invalid_argument, which names a line by number and says nothing of it.
Result<std::vector<Mapping>> parse_mappings(std::string_view text, std::string_view helper);

/// One option --for WHERE=NAME. Errors: invalid_argument.
Result<Mapping> parse_mapping(std::string_view option);

/// A name for HTTP's Basic scheme: UTF-8 of 1 to 255 bytes, without controls and colons.
[[nodiscard]] bool is_user(std::string_view text);

/// The one that fits best, nullptr where none does.
[[nodiscard]] const Mapping* find_mapping(const std::vector<Mapping>& mappings, const Server& server);

}  // namespace tokenvault::cli
