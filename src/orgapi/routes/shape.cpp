#include "shape.hpp"

#include "tokenvault/time_text.hpp"

namespace tokenvault::orgapi {

nlohmann::json time_or_null(const std::optional<Time>& time) {
  return time ? nlohmann::json(to_rfc3339(*time)) : nlohmann::json();
}

Answer with_grant(Answer answer, const Grant& grant) {
  if (grant.expires) answer.headers.emplace_back("Token-Expires", to_rfc3339(*grant.expires));
  answer.token_id = grant.id;
  return answer;
}

}  // namespace tokenvault::orgapi
