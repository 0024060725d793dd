#pragma once
#include <span>
#include <string_view>

#include "../exchange/secret_text.hpp"

namespace tokenvault::cli {

/// A member of a JSON object whose string is wanted.
struct Member {
  std::string_view name;
  SecretText& text;  ///< stays empty where there is no such member
};

/// Reads the strings of `wanted` out of the object that `document` is, in secret memory throughout; other members
/// are left out. `what` is the document, for errors: invalid_argument (no object, a wanted member that is no string,
/// is there twice or is too long), out_of_memory.
Status read_members(SecretBuffer document, std::string_view what, std::span<const Member> wanted);

}  // namespace tokenvault::cli
