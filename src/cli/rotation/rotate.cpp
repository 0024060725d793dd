#include <fmt/format.h>
#include <unistd.h>

#include "../output.hpp"
#include "../prompt.hpp"
#include "../try.hpp"
#include "../value_input.hpp"
#include "../verbs.hpp"
#include "new_token.hpp"
#include "provider.hpp"
#include "rotation_text.hpp"
#include "step.hpp"

namespace tokenvault::cli {
namespace {

/// One token, its provider, and what is to be done with them.
struct Task {
  const Session& session;
  Vault& vault;
  Rotator& rotator;
  const ProviderCapabilities& provider;
  RotationInfo before;
};

/// Whether the next thing is that a person brings a token: a rotation that only revokes lets the next begin.
bool awaits_token(const RotationInfo& rotation) {
  if (!rotation.open() || rotation.phase == Phase::retiring) return true;
  return rotation.new_version == 0 && rotation.phase != Phase::promoted;
}

void tell_steps(const Task& task) {
  std::string text;
  for (const auto& step : task.provider.steps) text += fmt::format("  {}\n", one_line(step));
  // Not a notice: without the steps nobody knows what to type.
  (void)write_all(STDERR_FILENO, text).has_value();
}

Status need_terminal(const Task& task) {
  const auto& session = task.session;
  const auto terminal = Terminal::open(!session.settings.no_input);
  if (terminal) return Ok{};
  tell_steps(task);
  const auto& name = session.request.operand;
  return Error(
      Errc::needs_human,
      fmt::format("a person has to bring the new token of {}: type `tokenvault rotate {}` at a terminal, or "
                  "pipe the token into `tokenvault rotate {} --stdin`",
                  name, name, name));
}

/// It is begun before the person is sent to the provider's page, so that whatever comes of it has a place.
Status bring_token(const Task& task) {
  if (!names_source(task.session.request.value)) TV_CHECK(need_terminal(task));
  TV_TRY(const auto begun, task.rotator.start());
  if (!awaits_token(begun) && !names_source(task.session.request.value)) return Ok{};
  tell_steps(task);
  TV_CHECK(stage_new_token(task.session, task.vault, task.rotator));
  return Ok{};
}

/// Where nobody but the person can say whether the new token is good, the person is asked.
Result<RotationInfo> rotate_on_their_word(const Task& task, Error stuck) {
  const bool ask = stuck.code() == Errc::needs_human && !task.provider.probe && task.session.attended();
  TV_TRY(const auto rotation, task.rotator.status());
  if (!ask || rotation.phase != Phase::staged) return stuck;
  TV_TRY(const auto terminal, Terminal::open(true));
  TV_TRY(const bool good,
         terminal.confirm("nobody can be asked whether the new token is good: try it out now; "
                          "does it work? [y/N] ",
                          false));
  if (!good) return stuck;
  return task.rotator.promote(true);
}

Result<RotationInfo> rotate(const Task& task) {
  const bool brought = names_source(task.session.request.value);
  const bool human = task.provider.issue == Issue::human;
  if (brought && !human)
    return Error(Errc::invalid_argument, "the provider makes this token itself: a value is not taken");
  if (human && (brought || awaits_token(task.before))) TV_CHECK(bring_token(task));
  auto rotation = task.rotator.rotate();
  if (rotation) return rotation;
  return rotate_on_their_word(task, rotation.error());
}

std::string plan_of(const Task& task) {
  if (task.before.open() && task.before.phase != Phase::intent) return next_step(task.before);
  return task.provider.issue == Issue::human ? "a person gets a new token and brings it"
                                             : "ask the provider for a new token";
}

}  // namespace

Result<int> run_rotate(const Session& session) {
  const auto& name = session.request.operand;
  TV_CHECK(check_name(name));
  TV_TRY(auto vault, session.vault());
  TV_TRY(const auto token, vault.info(name));
  TV_TRY(const auto provider, provider_of(token));
  TV_TRY(const auto capabilities, provider->describe());
  Rotator rotator(vault, name, *provider, options_of(session));
  const Task task{session, vault, rotator, capabilities, rotation_of(token)};
  if (session.request.step.dry_run) return report_plan(session, task.before, plan_of(task));
  TV_TRY(const auto rotation, rotate(task));
  return report_rotation(session, vault, rotation);
}

}  // namespace tokenvault::cli
