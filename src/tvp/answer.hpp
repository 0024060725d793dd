#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/provider.hpp"

namespace tokenvault::tvp {

/// Members that any answer may have.
struct Remark {
  std::string message;
  std::optional<std::chrono::seconds> retry_after;
};

/// The answers of a program that is done, from the bytes of its descriptor 1. Pure functions of these, for any
/// bytes. Errors: refused, with what is not sound about the answer. What `issue` and `revoke` give is
/// Reply::done, `find` likewise; texts are as they came.
Result<ProviderCapabilities> parse_describe_answer(std::string_view text);
Result<IssueAnswer> parse_issue_answer(std::string_view text);
Result<ProbeAnswer> parse_probe_answer(std::string_view text);
Result<RevokeAnswer> parse_revoke_answer(std::string_view text);
Result<FindAnswer> parse_find_answer(std::string_view text);

/// The remark of a program that is not done; an empty one where there is no sound answer.
Remark parse_remark(std::string_view text);

}  // namespace tokenvault::tvp
