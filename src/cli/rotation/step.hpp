#pragma once
#include <functional>

#include "../session.hpp"
#include "tokenvault/rotation.hpp"

namespace tokenvault::cli {

/// What is done with a token's rotator.
using Step = std::function<Result<RotationInfo>(Rotator&)>;

/// Has `step` done for the token that the request names, and tells where its rotation stands then. Errors:
/// those of the vault, the provider and the step.
Result<int> take_step(const Session& session, const Step& step);
/// The same for a step that does not need the provider to be there.
Result<int> take_step_alone(const Session& session, const Step& step);

/// Tells people on stderr of each step that is taken.
RotatorOptions options_of(const Session& session);

/// Where the rotation stands after a change: for people on stderr, as a document with --json.
Result<int> report_rotation(const Session& session, const Vault& vault, const RotationInfo& rotation);

/// What would come next, on stdout. Changes nothing.
Result<int> report_plan(const Session& session, const RotationInfo& rotation, std::string_view next);

/// The rotation of a token, idle where none was ever begun.
[[nodiscard]] RotationInfo rotation_of(const TokenInfo& token);

}  // namespace tokenvault::cli
