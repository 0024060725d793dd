#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

/// A recipe's fault, at the place where it is.
[[nodiscard]] Error fault_at(std::string_view where, std::string_view what);

/// Refuses members that are not among `known`.
Status only_members(const Document& object, std::string_view where,
                    std::initializer_list<std::string_view> known);

/// Errors of these: refused, naming the place.
Result<std::string> want_text(const Document& object, std::string_view where, const char* member);
Result<std::int64_t> optional_number(const Document& object, std::string_view where, const char* member,
                                     std::int64_t least, std::int64_t most, std::int64_t otherwise);
Result<Template> want_template(const Document& value, std::string_view where);
Result<JsonPointer> want_pointer(const Document& value, std::string_view where);

}  // namespace tokenvault::recipe
