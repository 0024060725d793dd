#include "step.hpp"

#include <fmt/format.h>

#include "../output.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "provider.hpp"
#include "rotation_json.hpp"
#include "rotation_text.hpp"

namespace tokenvault::cli {
namespace {

using OpenProvider = std::function<Result<std::unique_ptr<Provider>>(const TokenInfo&)>;

Result<int> take(const Session& session, const OpenProvider& open, const Step& step) {
  const auto& name = session.request.operand;
  TV_CHECK(check_name(name));
  TV_TRY(auto vault, session.vault());
  TV_TRY(const auto token, vault.info(name));
  TV_TRY(const auto provider, open(token));
  Rotator rotator(vault, name, *provider, options_of(session));
  TV_TRY(const auto rotation, step(rotator));
  return report_rotation(session, vault, rotation);
}

}  // namespace

Result<int> take_step(const Session& session, const Step& step) { return take(session, provider_of, step); }

Result<int> take_step_alone(const Session& session, const Step& step) {
  return take(
      session, [&](const TokenInfo& token) { return provider_or_nobody(session, token); }, step);
}

RotatorOptions options_of(const Session& session) {
  RotatorOptions options;
  options.progress = [&session](const std::string& line) { session.notice(line); };
  return options;
}

Result<int> report_rotation(const Session& session, const Vault& vault, const RotationInfo& rotation) {
  session.warn_of_anchor(vault);
  if (session.request.json) {
    TV_CHECK(print(json_rotation(rotation)));
  } else {
    session.notice(line_of(rotation));
  }
  return 0;
}

Result<int> report_plan(const Session& session, const RotationInfo& rotation, std::string_view next) {
  TV_CHECK(print(session.request.json ? json_plan(rotation, next)
                                      : printable(fmt::format("{}: next: {}", rotation.name, next)) + '\n'));
  return 0;
}

RotationInfo rotation_of(const TokenInfo& token) {
  if (token.rotation) return *token.rotation;
  RotationInfo idle;
  idle.name = token.name;
  return idle;
}

Result<int> run_rotate_start(const Session& session) {
  return take_step(session, [](Rotator& rotator) { return rotator.start(); });
}

Result<int> run_rotate_verify(const Session& session) {
  return take_step(session, [](Rotator& rotator) { return rotator.verify(); });
}

Result<int> run_rotate_promote(const Session& session) {
  const bool unverified = session.request.step.unverified;
  const Step promote = [&](Rotator& rotator) { return rotator.promote(unverified); };
  return unverified ? take_step_alone(session, promote) : take_step(session, promote);
}

Result<int> run_rotate_retire(const Session& session) {
  return take_step(session, [&](Rotator& rotator) { return rotator.retire(session.request.step.theirs); });
}

Result<int> run_rotate_abort(const Session& session) {
  return take_step_alone(session,
                         [&](Rotator& rotator) { return rotator.abort(session.request.step.force); });
}

Result<int> run_rotate_waive(const Session& session) {
  const auto& request = session.request;
  return take_step_alone(session, [&](Rotator& rotator) {
    return rotator.waive(request.version.value_or(0), request.step.id.value_or(""));
  });
}

}  // namespace tokenvault::cli
