#include "../try.hpp"
#include "../verbs.hpp"
#include "rotation_text.hpp"
#include "step.hpp"

namespace tokenvault::cli {
namespace {

Result<int> plan(const Session& session) {
  const auto& name = session.request.operand;
  TV_CHECK(check_name(name));
  TV_TRY(const auto vault, session.vault());
  TV_TRY(const auto token, vault.info(name));
  const auto rotation = rotation_of(token);
  const bool nothing = !rotation.open() && rotation.obligations.empty();
  return report_plan(session, rotation, nothing ? "nothing" : next_step(rotation));
}

}  // namespace

/// The person's word that nothing was made needs no provider; to go on does.
Result<int> run_rotate_resume(const Session& session) {
  const auto& step = session.request.step;
  if (step.dry_run) return plan(session);
  if (step.discard) return take_step_alone(session, [](Rotator& rotator) { return rotator.discard(); });
  return take_step(session, [](Rotator& rotator) { return rotator.resume(); });
}

}  // namespace tokenvault::cli
