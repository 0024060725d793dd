#pragma once
#include "../session.hpp"
#include "tokenvault/rotation.hpp"

namespace tokenvault::cli {

/// Seals a person's new token before anything but its size is looked at. Then what `put` insists on is asked
/// of it too; where that fails the token stays sealed. Errors: refused, conflict (none is awaited), and those
/// of Rotator::stage().
Result<RotationInfo> seal_new_token(const Session& session, const Vault& vault, Rotator& rotator,
                                    SecretBuffer value);

}  // namespace tokenvault::cli
