#include "new_token.hpp"

#include <fmt/format.h>

#include "../try.hpp"
#include "../value_input.hpp"

namespace tokenvault::cli {
namespace {

Status check_sealed(const Session& session, const Vault& vault, const RotationInfo& rotation) {
  Pick pick;
  pick.number = rotation.new_version;
  pick.expired_ok = true;
  TV_TRY(const auto value, vault.get(rotation.name, pick));
  const auto oddity = session.request.value.binary ? std::string_view() : oddity_of(value);
  if (oddity.empty()) return Ok{};
  return Error(Errc::refused,
               fmt::format("{}; it is sealed as version {}: bring another after `tokenvault rotate abort {}`",
                           oddity, rotation.new_version, rotation.name));
}

}  // namespace

Result<RotationInfo> seal_new_token(const Session& session, const Vault& vault, Rotator& rotator,
                                    SecretBuffer value) {
  TV_TRY(auto rotation, rotator.stage(std::move(value)));
  TV_CHECK(check_sealed(session, vault, rotation));
  return rotation;
}

}  // namespace tokenvault::cli
