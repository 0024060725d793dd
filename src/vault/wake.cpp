// When a token asks for attention, and what its rotation keeps others from doing.
#include <fmt/format.h>

#include <algorithm>

#include "core/mutant.hpp"
#include "format/rotation.hpp"
#include "vault/impl.hpp"

namespace tokenvault {
namespace {

/// What is open asks at once, whatever the clock says: then nothing has to read the whole index for it.
constexpr std::uint64_t kAtOnce = 1;

std::uint64_t rotation_wake(const format::Entry& entry) {
  const auto rotation = format::rotation_of(entry);
  return !rotation || rotation->open() || !rotation->obligations.empty() ? kAtOnce : format::kNever;
}

std::uint64_t policy_wake(const format::Entry& entry, const format::Version& current) {
  const auto policy = format::policy_of(entry);
  if (!policy || !*policy || (*policy)->rotate_after.count() == 0) return format::kNever;
  return current.created + static_cast<std::uint64_t>((*policy)->rotate_after.count());
}

}  // namespace

std::uint64_t wake_of(const format::Entry& entry) {
  if (entry.destroyed) return format::kNever;
  const auto rotation = rotation_wake(entry);
  const auto* current = entry.listed() ? entry.find(Stage::current) : nullptr;
  if (current == nullptr) return rotation;
  const auto expires = current->expires != 0 ? current->expires : format::kNever;
  return std::min({rotation, expires, policy_wake(entry, *current)});
}

Status need_no_rotation(const format::Entry& entry) {
  TV_TRY(const auto rotation, format::rotation_of(entry));
  if (!rotation.open()) return Ok{};
  return Error(
      Errc::needs_human,
      fmt::format(
          "token {} is being rotated ({}): finish that, or abort it with `tokenvault rotate abort {}`",
          entry.name, to_string(rotation.phase), entry.name));
}

Status need_no_obligation(const format::Entry& entry) {
  TV_CHECK(need_no_rotation(entry));
  TV_TRY(const auto rotation, format::rotation_of(entry));
  if (rotation.obligations.empty()) return Ok{};
  return Error(
      Errc::refused,
      fmt::format(
          "token {} has versions that the provider may still accept: revoke them with `tokenvault rotate "
          "resume {}`, or waive each by number",
          entry.name, entry.name));
}

RotationInfo describe_rotation(const std::string& name, const format::Rotation& rotation) {
  RotationInfo info;
  info.name = name;
  info.phase = rotation.phase;
  if (rotation.phase != Phase::idle) info.id = format::id_text(rotation.id);
  info.old_version = rotation.old_version;
  info.new_version = rotation.new_version;
  info.started = format::to_time(rotation.started);
  info.changed = format::to_time(rotation.changed);
  if (rotation.next_try != 0) info.next_try = format::to_time(rotation.next_try);
  if (rotation.phase == Phase::promoted)
    info.next_try = format::to_time(rotation.span.wall + rotation.span.length);
  info.attempts = rotation.attempts;
  info.asks = rotation.asks;
  info.overridden = rotation.overridden;
  info.owner = rotation.owner;
  info.note = rotation.note;
  info.obligations = rotation.obligations;
  return info;
}

Status Vault::Impl::set_policy(std::string_view name, const std::optional<Policy>& policy) {
  if (policy && !mutated("wake.policy_checked")) TV_CHECK(check_policy(*policy));
  return change_entry(name, [&](Draft&, format::Entry& entry) -> Status {
    if (!entry.listed()) return no_token(name);
    if (policy && !mutated("wake.own_secret") &&
        std::ranges::any_of(policy->secrets, [&](const auto& it) { return it.second == name; }))
      return Error(Errc::refused,
                   "a token is not its own provider's secret: that gets the current token anyway");
    if (policy)
      entry.set_field(format::FieldTag::policy, format::encode_policy(*policy));
    else
      entry.set_field(format::FieldTag::policy, {});
    return Ok{};
  });
}

}  // namespace tokenvault
