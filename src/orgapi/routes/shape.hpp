#pragma once
#include <nlohmann/json.hpp>
#include <optional>

#include "../answer.hpp"
#include "tokenvault/issuer.hpp"

namespace tokenvault::orgapi {

/// RFC 3339, or null.
[[nodiscard]] nlohmann::json time_or_null(const std::optional<Time>& time);

/// `answer` as an authorized client gets it: with Token-Expires where its token has an end, and named in the log.
[[nodiscard]] Answer with_grant(Answer answer, const Grant& grant);

}  // namespace tokenvault::orgapi
