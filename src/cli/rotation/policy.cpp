#include <fmt/format.h>

#include <algorithm>

#include "../output.hpp"
#include "../time_text.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "policy_change.hpp"
#include "rotation_json.hpp"

namespace tokenvault::cli {
namespace {

std::string span_or(std::chrono::seconds span, const char* otherwise) {
  return span.count() == 0 ? otherwise : to_text(span);
}

std::string page(const Policy& policy) {
  std::vector<std::vector<std::string>> rows{{"provider", policy.provider},
                                             {"rotate after", span_or(policy.rotate_after, "when asked")},
                                             {"grace", span_or(policy.grace, "none")},
                                             {"lifetime", span_or(policy.lifetime, "as the provider likes")},
                                             {"timeout", to_text(policy.timeout)},
                                             {"owner", policy.owner.empty() ? "as before" : policy.owner}};
  for (const auto& [key, value] : policy.settings) rows.push_back({"setting", key + '=' + value});
  for (const auto& [word, name] : policy.secrets) rows.push_back({"secret", word + '=' + name});
  return table(rows);
}

Result<int> show(const Session& session, const std::optional<Policy>& policy) {
  const auto& name = session.request.operand;
  if (session.request.json) {
    TV_CHECK(print(json_policy(name, policy)));
  } else if (policy) {
    TV_CHECK(print(page(*policy)));
  } else {
    session.notice(name + " has no policy");
  }
  return 0;
}

/// What no policy may be is said before a key is read; what this one may not, once it is known.
Status check_alone(const Request& request) {
  TV_CHECK(check_name(request.operand));
  if (request.policy.none) return Ok{};
  auto flags = request.policy;
  // The settings of a provider that is not named here are its own business.
  if (!flags.provider) flags.provider = "exec:/";
  TV_CHECK(changed({}, flags));
  return Ok{};
}

Status change(const Session& session, Vault& vault, const TokenInfo& token) {
  const auto& flags = session.request.policy;
  if (flags.none) return vault.set_policy(token.name, std::nullopt);
  TV_TRY(const auto policy, changed(token.policy, flags));
  const auto itself = [&](const auto& secret) { return secret.second == token.name; };
  if (std::ranges::any_of(policy.secrets, itself))
    return Error(Errc::invalid_argument, "--secret names the token itself, which its provider gets anyway");
  return vault.set_policy(token.name, policy);
}

}  // namespace

Result<int> run_policy(const Session& session) {
  const auto& request = session.request;
  TV_CHECK(check_name(request.operand));
  const bool asks_change = changes(request.policy);
  if (asks_change) TV_CHECK(check_alone(request));
  TV_TRY(auto vault, session.vault());
  TV_TRY(auto token, vault.info(request.operand));
  if (asks_change) {
    TV_CHECK(change(session, vault, token));
    session.warn_of_anchor(vault);
    TV_TRY(token, vault.info(request.operand));
  }
  return show(session, token.policy);
}

}  // namespace tokenvault::cli
