#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

/// A written JSON text or whole number of at most 512 bytes, as text; nothing where it is something else.
[[nodiscard]] std::optional<std::string> scalar_text(std::string_view written);

/// The `take` of a call, but for the token, as members of an answer: `expires` in RFC 3339, and null left
/// out. Nothing where the body is not JSON, or where one of them is not there or unsound.
[[nodiscard]] std::optional<nlohmann::json> taken_from(std::string_view body, const Call& call);

}  // namespace tokenvault::recipe
