#include <fmt/format.h>

#include "../output.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "provider.hpp"
#include "rotation_json.hpp"
#include "rotation_text.hpp"
#include "tokenvault/rotation.hpp"

namespace tokenvault::cli {
namespace {

/// What the provider said besides, as the end of an error's line.
std::string because(const ProbeAnswer& answer) {
  return answer.message.empty() ? std::string() : ": " + one_line(answer.message);
}

/// The token that was asked about, as a message names it.
std::string which(const Request& request) {
  if (request.version) return fmt::format("version {} of {}", *request.version, request.operand);
  return (request.previous ? "the previous version of " : "") + request.operand;
}

Result<int> judge(const std::string& name, const ProbeAnswer& answer) {
  switch (answer.state) {
    case TokenState::valid: return 0;
    case TokenState::invalid:
      return Error(Errc::rejected,
                   fmt::format("the provider says that {} is invalid{}", name, because(answer)));
    case TokenState::unknown: break;
  }
  return Error(Errc::unreachable,
               fmt::format("the provider does not say whether {} is good{}", name, because(answer)));
}

}  // namespace

Result<int> run_probe(const Session& session) {
  const auto& request = session.request;
  TV_CHECK(check_name(request.operand));
  TV_TRY(auto vault, session.vault());
  TV_TRY(const auto token, vault.info(request.operand));
  TV_TRY(const auto provider, provider_of(token));
  // Whether the provider takes a token is not for our own date to say.
  const Pick pick{request.previous ? Stage::previous : Stage::current, request.version.value_or(0), true};
  TV_TRY(const auto answer, probe_token(vault, request.operand, *provider, pick));
  TV_CHECK(print(request.json ? json_probe(request.operand, answer)
                              : fmt::format("{}\n", to_string(answer.state))));
  return judge(which(request), answer);
}

}  // namespace tokenvault::cli
