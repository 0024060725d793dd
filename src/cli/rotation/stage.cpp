#include <fmt/format.h>

#include "../try.hpp"
#include "../value_input.hpp"
#include "../verbs.hpp"
#include "new_token.hpp"
#include "provider.hpp"
#include "step.hpp"

namespace tokenvault::cli {
namespace {

/// Nobody is asked to type a token that the provider makes by itself, unless it has come to need a person.
Result<bool> is_brought(const Session& session, Provider& provider, const RotationInfo& rotation) {
  if (names_source(session.request.value)) return true;
  if (rotation.open() && rotation.asks && rotation.new_version == 0) return true;
  TV_TRY(const auto capabilities, provider.describe());
  return capabilities.issue == Issue::human;
}

Result<RotationInfo> bring(const Session& session, const Vault& vault, Rotator& rotator) {
  TV_TRY(auto value, read_unseen_value(session));
  return seal_new_token(session, vault, rotator, std::move(value));
}

}  // namespace

/// The provider's own token needs a rotation that was begun; what a person brings begins one, and needs no
/// provider to be sealed.
Result<int> run_rotate_stage(const Session& session) {
  const auto& name = session.request.operand;
  TV_CHECK(check_name(name));
  TV_TRY(auto vault, session.vault());
  TV_TRY(const auto token, vault.info(name));
  TV_TRY(const auto provider, provider_or_nobody(session, token));
  TV_TRY(const bool brought, is_brought(session, *provider, rotation_of(token)));
  if (!brought && !rotation_of(token).open())
    return Error(
        Errc::conflict,
        fmt::format("no rotation of {} is open: begin one with `tokenvault rotate start {}`", name, name));
  Rotator rotator(vault, name, *provider, options_of(session));
  TV_TRY(const auto rotation, brought ? bring(session, vault, rotator) : rotator.issue());
  return report_rotation(session, vault, rotation);
}

}  // namespace tokenvault::cli
