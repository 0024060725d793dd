#pragma once
#include <optional>

#include "../request.hpp"
#include "tokenvault/error.hpp"
#include "tokenvault/policy.hpp"

namespace tokenvault::cli {

/// Whether `flags` ask for a change at all.
[[nodiscard]] bool changes(const PolicyFlags& flags) noexcept;

/// `before`, or a new policy, with what `flags` name replaced. Errors: invalid_argument, with what cannot be.
Result<Policy> changed(const std::optional<Policy>& before, const PolicyFlags& flags);

}  // namespace tokenvault::cli
