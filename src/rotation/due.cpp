#include <algorithm>
#include <tuple>

#include "rotation/back_off.hpp"
#include "rotation/calls.hpp"
#include "rotation/holder.hpp"
#include "rotation/machine.hpp"
#include "rotation/span.hpp"
#include "tokenvault/rotation.hpp"
#include "vault/access.hpp"

namespace tokenvault {
namespace {

constexpr std::chrono::seconds kMonth = std::chrono::hours(24 * 30);
constexpr std::chrono::seconds kYear = std::chrono::hours(24 * 365);

/// A time that lies further away than any back-off sets it comes from a clock that was wrong.
bool may_try(const format::Rotation& rotation, Time now) {
  const auto next = format::to_time(rotation.next_try);
  return next <= now || next > now + rotation::kLongestRetryAfter;
}

std::optional<DueReason> due_step(const format::Rotation& rotation, const Clock& clock) {
  if (rotation.asks || !may_try(rotation, clock.now())) return std::nullopt;
  if (rotation.phase == Phase::promoted && !rotation::is_over(rotation.span, clock)) return std::nullopt;
  if (rotation::may_live(rotation.holder, {}, rotation.span, clock)) return std::nullopt;
  return DueReason::step;
}

/// By how much it may be late before the clock is doubted instead.
std::chrono::seconds patience(const Policy& policy) {
  return std::min(std::max(policy.rotate_after, kMonth), kYear);
}

std::optional<DueToken> due_by_age(const format::Entry& entry, const Policy& policy, Time now) {
  const auto* current = entry.find(Stage::current);
  if (current == nullptr || policy.rotate_after.count() == 0) return std::nullopt;
  const auto since = format::to_time(current->created) + policy.rotate_after;
  if (since > now) return std::nullopt;
  const bool credible = now - since <= patience(policy);
  return DueToken{entry.name, credible ? DueReason::age : DueReason::far_late, since};
}

Result<std::optional<DueToken>> due_of(const format::Entry& entry, const Clock& clock) {
  if (!entry.listed()) return std::optional<DueToken>();
  // What a newer program noted is no reason to leave the other tokens alone.
  TV_TRY(const auto policy, format::unless_newer(format::policy_of(entry)));
  if (!policy || !*policy) return std::optional<DueToken>();
  TV_TRY(const auto noted, format::unless_newer(format::rotation_of(entry)));
  if (!noted) return std::optional<DueToken>();
  const auto& rotation = *noted;
  if (rotation.open() && rotation.phase != Phase::retiring) {
    const auto reason = due_step(rotation, clock);
    if (!reason) return std::optional<DueToken>();
    return std::optional(DueToken{entry.name, *reason, format::to_time(rotation.changed)});
  }
  if (auto aged = due_by_age(entry, **policy, clock.now())) return aged;
  const auto owed = std::ranges::find_if(rotation.obligations, &Obligation::ours);
  const bool in_grace = !rotation.open() && !rotation::is_over(rotation.span, clock);
  if (owed == rotation.obligations.end() || rotation.asks || !may_try(rotation, clock.now()) || in_grace)
    return std::optional<DueToken>();
  return std::optional(DueToken{entry.name, DueReason::owed, owed->since});
}

}  // namespace

Result<std::vector<DueToken>> due(Vault& vault) {
  auto& inside = VaultAccess::of(vault);
  TV_TRY(const auto entries, inside.waking(inside.clock().now()));
  std::vector<DueToken> found;
  for (const auto& entry : entries) {
    TV_TRY(auto token, due_of(entry, inside.clock()));
    if (token) found.push_back(*std::move(token));
  }
  std::ranges::sort(found, [](const DueToken& a, const DueToken& b) {
    return std::tie(a.since, a.name) < std::tie(b.since, b.name);
  });
  return found;
}

Result<std::vector<RotationInfo>> rotations(Vault& vault) {
  // What is open or owed asks at once: no later moment is needed, whatever the clock says.
  TV_TRY(const auto entries, VaultAccess::of(vault).waking(Time(std::chrono::seconds(1))));
  std::vector<RotationInfo> found;
  for (const auto& entry : entries) {
    TV_TRY(const auto rotation, format::unless_newer(format::rotation_of(entry)));
    if (rotation && (rotation->open() || !rotation->obligations.empty()))
      found.push_back(describe_rotation(entry.name, *rotation));
  }
  std::ranges::sort(found, {}, &RotationInfo::name);
  return found;
}

Result<ProbeAnswer> probe_token(Vault& vault, std::string_view name, Provider& provider, const Pick& pick) {
  const std::string token(name);
  rotation::Calls calls(vault, token, provider);
  TV_TRY(const auto info, vault.info(name));
  TV_CHECK(calls.gather(info.policy.value_or(Policy{})));
  auto asked = pick;
  asked.expired_ok = true;
  TV_TRY(const auto value, vault.get(name, asked));
  return calls.probe({}, value, {});
}

}  // namespace tokenvault
