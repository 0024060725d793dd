// What a rotation does to a token's versions, and what it owes for them.
#include <fmt/format.h>

#include <algorithm>

#include "core/mutant.hpp"
#include "rotation/entry_rotation.hpp"
#include "rotation/line.hpp"
#include "rotation/span.hpp"

namespace tokenvault::rotation {
namespace {

std::uint64_t seconds_of(Time time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(time.time_since_epoch().count(), 0));
}

}  // namespace

Result<bool> EntryRotation::is_in_use(const SecretBuffer& value) {
  for (const auto& version : entry_->versions) {
    if (version.stage != Stage::current && version.stage != Stage::pending) continue;
    TV_TRY(const auto known, draft_->value_of(entry_->name, version));
    if (equal_constant_time(known, value)) return true;
  }
  return false;
}

/// The first thing that is done with a new token; nothing of it is looked at before.
Status EntryRotation::take_in(const Happening& happening) {
  TV_CHECK(add_aside(*draft_, *entry_, *happening.value, Stage::pending));
  rotation_.new_version = entry_->last;
  if (!happening.old_owner.empty()) rotation_.owner = line_of(happening.old_owner, {});
  rotation_.made.push_back({entry_->last, line_of(happening.facts.id, {})});
  forget_made();
  rotation_.holder = {};
  rotation_.span = begin_span(*around_->clock, around_->provider.propagation);
  return Ok{};
}

/// A token that nobody awaits any more may be the only good one: it stays, and is owed.
Status EntryRotation::put_aside(const SecretBuffer& value) {
  TV_TRY(const auto known, is_in_use(value));
  if (known && !mutated("late.known")) return Ok{};
  TV_CHECK(add_aside(*draft_, *entry_, value, Stage::retired));
  rotation_.note = fmt::format("a token that came late is kept as version {}", entry_->last);
  return owe(entry_->last, {}, true);
}

/// Nothing is owed twice: a version is made once and steps down once, and a rotation is given up once.
Status EntryRotation::owe(std::uint32_t version, std::string id, bool ours) {
  if (!mutated("owe.most") && rotation_.obligations.size() == format::kMaxObligations)
    return Error(Errc::refused, "token " + entry_->name + " has too many old tokens that may still be good");
  rotation_.obligations.push_back({version, Time(std::chrono::seconds(draft_->now())), std::move(id), ours});
  return Ok{};
}

void EntryRotation::drop(std::uint32_t version, const std::string& id) {
  std::erase_if(rotation_.obligations, [&](const Obligation& owed) { return is_named(owed, version, id); });
}

/// What a rotation made is asked for only as long as it may still be handed out.
void EntryRotation::forget_made() {
  std::erase_if(rotation_.made, [&](const format::Made& made) {
    const auto* version = entry_->find(made.version);
    return version == nullptr || version->stage == Stage::retired;
  });
}

Status EntryRotation::promote() {
  const auto* current = entry_->find(Stage::current);
  if (!mutated("promote.owes") && around_->provider.old != OldToken::dies && current != nullptr) {
    const auto* made = rotation_.find_made(current->number);
    TV_CHECK(owe(current->number, made != nullptr ? made->id : std::string(), made != nullptr));
  }
  step_down(*entry_);
  for (auto& version : entry_->versions)
    if (version.number == rotation_.new_version) version.stage = Stage::current;
  entry_->set_field(format::FieldTag::suspect, {});
  rotation_.span = begin_span(*around_->clock, grace());
  forget_made();
  return Ok{};
}

void EntryRotation::end_grace() {
  for (auto& version : entry_->versions)
    if (version.number == rotation_.old_version && version.stage == Stage::previous)
      version.stage = Stage::retired;
  // Ended by a person before: where it is not revoked it is owed until it ends by itself.
  if (is_over(rotation_.span, *around_->clock)) forget_ended();
}

/// The old token of a rotation that is over, after the time that the provider gives it.
void EntryRotation::forget_ended() {
  if (around_->provider.old == OldToken::expires) drop(rotation_.old_version, {});
  rotation_.span = {};
}

/// A rotation that is given up: what it made, or may have made, is owed.
Status EntryRotation::leave_aside() {
  const bool unseen = rotation_.phase == Phase::issuing || rotation_.phase == Phase::uncertain;
  rotation_.holder = {};
  if (!state().has_new)
    return unseen && !mutated("aside.unseen") ? owe(0, format::id_text(rotation_.id), true) : Status(Ok{});
  const auto* made = rotation_.find_made(rotation_.new_version);
  const auto* pending = entry_->find(rotation_.new_version);
  const auto* current = entry_->find(Stage::current);
  TV_TRY(const auto value, draft_->value_of(entry_->name, *pending));
  bool same = false;
  if (current != nullptr) {
    TV_TRY(const auto old, draft_->value_of(entry_->name, *current));
    same = equal_constant_time(value, old);
  }
  for (auto& version : entry_->versions)
    if (version.number == rotation_.new_version) version.stage = Stage::retired;
  if (same && !mutated("aside.same")) return Ok{};
  return mutated("aside.owes") ? Status(Ok{})
                               : owe(rotation_.new_version, made != nullptr ? made->id : std::string(), true);
}

void EntryRotation::learn(const Happening& happening) {
  if (!happening.old_owner.empty()) rotation_.owner = line_of(happening.old_owner, {});
  const auto& facts = happening.facts;
  for (auto& made : rotation_.made)
    if (made.version == rotation_.new_version && !facts.id.empty()) made.id = line_of(facts.id, {});
  if (!facts.expires || *facts.expires <= around_->clock->now()) return;
  for (auto& version : entry_->versions)
    if (version.number == rotation_.new_version) version.expires = seconds_of(*facts.expires);
}

}  // namespace tokenvault::rotation
