#pragma once
#include <nlohmann/json.hpp>

#include "tokenvault/policy.hpp"
#include "tokenvault/rotation_info.hpp"

/// What a token's documents say of its rotation, to be put into whichever of them asks for it.
namespace tokenvault::cli {

/// `text` as one line; null where it is empty.
[[nodiscard]] nlohmann::ordered_json text_or_null(const std::string& text);
/// With what to do next, in words.
[[nodiscard]] nlohmann::ordered_json rotation_object(const RotationInfo& rotation);
/// Spans in seconds.
[[nodiscard]] nlohmann::ordered_json policy_object(const Policy& policy);

}  // namespace tokenvault::cli
