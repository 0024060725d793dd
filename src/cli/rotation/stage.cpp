#include <fmt/format.h>

#include "../try.hpp"
#include "../verbs.hpp"
#include "new_token.hpp"
#include "provider.hpp"
#include "step.hpp"

namespace tokenvault::cli {

/// Nobody is asked to type a token that has no place to go to. The provider is not needed to seal it.
Result<int> run_rotate_stage(const Session& session) {
  const auto& name = session.request.operand;
  TV_CHECK(check_name(name));
  TV_TRY(auto vault, session.vault());
  TV_TRY(const auto token, vault.info(name));
  if (!rotation_of(token).open())
    return Error(
        Errc::conflict,
        fmt::format("no rotation of {} is open: begin one with `tokenvault rotate start {}`", name, name));
  TV_TRY(const auto provider, provider_or_nobody(session, token));
  Rotator rotator(vault, name, *provider, options_of(session));
  TV_TRY(const auto rotation, stage_new_token(session, vault, rotator));
  return report_rotation(session, vault, rotation);
}

}  // namespace tokenvault::cli
