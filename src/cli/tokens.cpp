#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "json.hpp"
#include "output.hpp"
#include "time_text.hpp"
#include "try.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

std::string text_or_dash(const std::optional<Time>& time) { return time ? to_rfc3339(*time) : "-"; }

std::string version_table(const TokenInfo& token) {
  std::vector<std::vector<std::string>> rows{{"VERSION", "STAGE", "CREATED", "EXPIRES"}};
  for (const auto& version : token.versions)
    rows.push_back({std::to_string(version.number), std::string(to_string(version.stage)),
                    to_rfc3339(version.created), text_or_dash(version.expires)});
  return table(rows);
}

std::string suspicion_of(const TokenInfo& token) {
  if (!token.suspect) return "-";
  return fmt::format("version {} was rejected at {}", token.suspect->version,
                     to_rfc3339(token.suspect->since));
}

std::string token_page(const TokenInfo& token) {
  return table({{"name", token.name},
                {"label", token.label.empty() ? "-" : token.label},
                {"version", std::to_string(token.version)},
                {"created", to_rfc3339(token.created)},
                {"expires", text_or_dash(token.expires)},
                {"suspect", suspicion_of(token)},
                {"policy", token.policy ? token.policy->provider : "-"},
                {"rotation", token.rotation ? line_of(*token.rotation) : "-"}}) +
         "\n" + version_table(token);
}

Result<TokenInfo> look_up(const Session& session) {
  TV_CHECK(check_name(session.request.operand));
  TV_TRY(const auto vault, session.vault());
  return vault.info(session.request.operand);
}

}  // namespace

Result<int> run_list(const Session& session) {
  TV_TRY(const auto vault, session.vault());
  TV_TRY(const auto tokens, vault.list(session.request.operand));
  if (session.request.json) {
    TV_CHECK(print(json_list(tokens)));
    return 0;
  }
  std::string lines;
  for (const auto& token : tokens) lines += token.name + '\n';
  TV_CHECK(print(lines));
  return 0;
}

Result<int> run_show(const Session& session) {
  TV_TRY(const auto token, look_up(session));
  TV_CHECK(print(session.request.json ? json_show(token) : token_page(token)));
  return 0;
}

Result<int> run_history(const Session& session) {
  TV_TRY(const auto token, look_up(session));
  TV_CHECK(print(session.request.json ? json_history(token) : version_table(token)));
  return 0;
}

}  // namespace tokenvault::cli
