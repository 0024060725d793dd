#pragma once
#include "../session.hpp"
#include "tokenvault/rotation.hpp"

namespace tokenvault::cli {

/// A person's new token, from where the request says or the terminal, sealed before anything but its size is
/// looked at. Then what `put` insists on is asked of it too: where it fails, the token stays sealed, and another
/// may be brought in its place. Errors: no_key, refused, conflict (none is awaited), and those of
/// Rotator::stage().
Result<RotationInfo> stage_new_token(const Session& session, const Vault& vault, Rotator& rotator);

}  // namespace tokenvault::cli
