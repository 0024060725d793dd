#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "due_outcome.hpp"
#include "tokenvault/policy.hpp"
#include "tokenvault/provider.hpp"
#include "tokenvault/rotation_info.hpp"

/// The documents of --json about rotations; no value passes here. Each ends with a newline.
namespace tokenvault::cli {

[[nodiscard]] std::string json_rotation(const RotationInfo& rotation);
/// What a dry run tells: the same, marked.
[[nodiscard]] std::string json_plan(const RotationInfo& rotation, std::string_view next);
[[nodiscard]] std::string json_rotations(const std::vector<RotationInfo>& rotations);
[[nodiscard]] std::string json_due(const std::vector<DueOutcome>& outcomes);
[[nodiscard]] std::string json_probe(std::string_view name, const ProbeAnswer& answer);
[[nodiscard]] std::string json_policy(std::string_view name, const std::optional<Policy>& policy);

}  // namespace tokenvault::cli
