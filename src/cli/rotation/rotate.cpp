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

/// Not notices: without the steps nobody knows what to type.
void tell_steps(const Task& task) {
  std::string text;
  int number = 0;
  for (const auto& step : task.provider.steps)
    text += fmt::format("tokenvault: step {}: {}\n", ++number, one_line(step));
  (void)write_all(STDERR_FILENO, text).has_value();
}

Status need_terminal(const Task& task) {
  if (Terminal::open(!task.session.settings.no_input)) return Ok{};
  tell_steps(task);
  const auto& name = task.before.name;
  return Error(
      Errc::needs_human,
      fmt::format("a person has to bring the new token of {}: type `tokenvault rotate {}` at a terminal, or "
                  "pipe the token into `tokenvault rotate {} --stdin`",
                  name, name, name));
}

Status seal(const Task& task, SecretBuffer value) {
  TV_CHECK(seal_new_token(task.session, task.vault, task.rotator, std::move(value)));
  return Ok{};
}

/// A source that cannot be read leaves no rotation open.
Status take_token(const Task& task) {
  tell_steps(task);
  TV_TRY(auto value, read_unseen_value(task.session));
  TV_CHECK(task.rotator.start());
  return seal(task, std::move(value));
}

/// It is begun before the person is sent to the provider's page, so that whatever comes of it has a place.
Status ask_for_token(const Task& task) {
  TV_CHECK(need_terminal(task));
  TV_TRY(const auto begun, task.rotator.start());
  if (!awaits_token(begun)) return Ok{};
  tell_steps(task);
  TV_TRY(auto value, read_unseen_value(task.session));
  return seal(task, std::move(value));
}

Status bring_token(const Task& task) {
  const bool brought = names_source(task.session.request.value);
  const bool human = task.provider.issue == Issue::human;
  if (brought && !human)
    return Error(Errc::invalid_argument, "the provider makes this token itself: a value is not taken");
  if (brought) return take_token(task);
  return human && awaits_token(task.before) ? ask_for_token(task) : Ok{};
}

/// The new token is here, and the provider is not what says that it is good.
bool lacks_verdict(const Task& task, const Error& stuck) {
  if (stuck.code() != Errc::needs_human || task.provider.probe) return false;
  const auto rotation = task.rotator.status();
  return rotation && rotation->phase == Phase::staged;
}

Result<bool> is_vouched_for(const Session& session) {
  if (session.request.step.unverified) return true;
  if (!session.attended()) return false;
  TV_TRY(const auto terminal, Terminal::open(true));
  return terminal.confirm("nobody can be asked whether the new token is good: try it. Does it work? [y/N] ",
                          false);
}

Result<RotationInfo> rotate(const Task& task) {
  TV_CHECK(bring_token(task));
  auto rotation = task.rotator.rotate();
  if (rotation || !lacks_verdict(task, rotation.error())) return rotation;
  TV_TRY(const bool vouched, is_vouched_for(task.session));
  return vouched ? task.rotator.promote(true) : std::move(rotation);
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
