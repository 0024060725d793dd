// The ways into the vault, and the master key's epochs.
#include <fmt/format.h>

#include <algorithm>

#include "core/hex.hpp"
#include "core/mutant.hpp"
#include "crypto/random.hpp"
#include "vault/impl.hpp"
#include "vault/label.hpp"

namespace tokenvault {
namespace {

SlotInfo describe(const format::Slot& slot, const format::Top& top) {
  SlotInfo info;
  info.id = slot.id;
  info.kind = slot.kind();
  if (slot.kind() == SlotKind::passphrase) info.cost = format::cost_of(slot);
  if (slot.kind() == SlotKind::recipient || slot.kind() == SlotKind::recovery)
    info.public_key = format::public_key_of(slot);
  const auto label = std::ranges::find(top.labels, slot.id, &format::SlotLabel::slot);
  if (label == top.labels.end()) return info;
  info.label = label->text;
  info.created = format::to_time(label->created);
  return info;
}

/// Carries the slots of one epoch over into the next.
class Carry {
 public:
  Carry(const State& state, const Unlocker& own, const RotateMaster& how, std::uint32_t epoch,
        const SecretBuffer& master)
      : state_(state), own_(own), how_(how), master_(master), used_(how.keep.size()), epoch_(epoch) {}

  Result<std::vector<format::Slot>> slots() {
    std::vector<format::Slot> carried;
    std::string missing;
    for (const auto& slot : state_.header.slots) {
      if (!mutated("carry.dropped") && std::ranges::find(how_.drop, slot.id) != how_.drop.end()) continue;
      TV_TRY(auto next, carry(slot));
      if (next)
        carried.push_back(*std::move(next));
      else
        missing +=
            fmt::format("{}{} ({})", missing.empty() ? "" : ", ", to_hex(slot.id), to_string(slot.kind()));
    }
    if (!mutated("carry.missing") && !missing.empty())
      return Error(Errc::refused,
                   "these slots would be lost, supply their secrets or drop them by id: " + missing);
    if (!mutated("carry.nobody") && carried.empty())
      return Error(Errc::refused, "nobody could open the vault any more");
    return carried;
  }

  /// wrong_key when a secret that was supplied belongs to no slot.
  [[nodiscard]] Status check_used() const {
    if (std::ranges::find(used_, false) == used_.end()) return Ok{};
    return Error(Errc::wrong_key, "one of the keys to be kept opens no slot of the vault");
  }

 private:
  [[nodiscard]] keys::Scope now() const { return {state_.header.vault_id, state_.header.epoch}; }
  [[nodiscard]] keys::Scope next() const { return {state_.header.vault_id, epoch_}; }

  Result<std::optional<format::Slot>> carry(const format::Slot& slot) {
    if (!slot.known()) return std::optional<format::Slot>();
    SecretBuffer supplied;
    for (std::size_t i = 0; i < how_.keep.size() && supplied.empty(); ++i) {
      TV_TRY(supplied, opening(*how_.keep[i], slot));
      used_[i] = used_[i] || !supplied.empty();
    }
    const bool own = slot.id == own_.slot;
    const bool by_public_key = slot.kind() == SlotKind::recipient || slot.kind() == SlotKind::recovery;
    if (!own && !by_public_key && supplied.empty()) return std::optional<format::Slot>();
    TV_TRY(auto wrapped, keys::rewrap(slot, own ? &own_.key : &supplied, next(), master_));
    return std::optional(std::move(wrapped));
  }

  /// The slot key, or nothing when `source` does not open `slot`.
  Result<SecretBuffer> opening(const KeySource& source, const format::Slot& slot) {
    if (!keys::may_open(source, slot)) return SecretBuffer();
    TV_TRY(auto key, keys::slot_key(source, slot));
    const auto opened = keys::open_slot(key, slot, now());
    if (opened) return key;
    if (opened.error().code() == Errc::wrong_key) return SecretBuffer();
    return opened.error();
  }

  const State& state_;
  const Unlocker& own_;
  const RotateMaster& how_;
  const SecretBuffer& master_;
  std::vector<bool> used_;
  std::uint32_t epoch_;
};

}  // namespace

Result<VaultInfo> Vault::Impl::info() {
  return read<VaultInfo>([&](NodeReader&) -> Result<VaultInfo> {
    VaultInfo info;
    info.vault_id = state_.header.vault_id;
    info.generation = state_.header.generation;
    info.epoch = state_.header.epoch;
    info.tokens = state_.top.tokens;
    info.unlocked_by = unlocker_.slot;
    for (const auto& slot : state_.header.slots)
      if (slot.known()) info.slots.push_back(describe(slot, state_.top));
    info.capabilities = store_->capabilities();
    info.encrypted_at_rest = !plain_;
    info.anchor_fault = anchor_fault_;
    return info;
  });
}

Result<SlotId> Vault::Impl::add_key(const KeySource& key, std::string_view label) {
  TV_CHECK(check_label(label));
  SlotId id{};
  TV_CHECK(change([&](Draft& draft) -> Status {
    const auto known = keys::unlock(draft.state().header, key);
    if (!mutated("slots.key_twice") && known)
      return Error(Errc::already_exists, "slot " + to_hex(known->slot) + " opens with this key already");
    if (known.error().code() != Errc::wrong_key) return known.error();
    TV_TRY(auto slot, keys::make_slot(key, draft.next_scope(), draft.state().keys.master()));
    id = slot.id;
    return draft.add_slot(std::move(slot), label);
  }));
  return id;
}

Result<SlotId> Vault::Impl::add_recipient(SlotKind kind, const PublicKey& recipient, std::string_view label) {
  TV_CHECK(check_label(label));
  SlotId id{};
  TV_CHECK(change([&](Draft& draft) -> Status {
    for (const auto& slot : draft.slots())
      if (!mutated("slots.public_key_twice") && slot.known() && slot.kind() == kind &&
          format::public_key_of(slot) == recipient)
        return Error(Errc::already_exists, "slot " + to_hex(slot.id) + " belongs to this public key already");
    TV_TRY(auto slot, keys::make_slot(kind, recipient, draft.next_scope(), draft.state().keys.master()));
    id = slot.id;
    return draft.add_slot(std::move(slot), label);
  }));
  return id;
}

Status Vault::Impl::remove_key(const SlotId& slot) {
  return change([&](Draft& draft) -> Status {
    const auto& slots = draft.slots();
    if (std::ranges::find(slots, slot, &format::Slot::id) == slots.end())
      return Error(Errc::not_found, "the vault has no slot " + to_hex(slot));
    const auto stays = [&](const format::Slot& other) { return other.known() && other.id != slot; };
    if (!mutated("slots.last") && std::ranges::none_of(slots, stays))
      return Error(Errc::refused, "this is the last slot: nobody could open the vault any more");
    draft.drop_slot(slot);
    return Ok{};
  });
}

Result<SlotId> Vault::Impl::check_key(const KeySource& key) {
  return read<SlotId>([&](NodeReader&) -> Result<SlotId> {
    TV_TRY(const auto unlocked, keys::unlock(state_.header, key));
    return unlocked.slot;
  });
}

Result<SlotKey> Vault::Impl::slot_key() {
  if (!mutated("slots.plain_key") && plain_)
    return Error(Errc::refused, "plain variables have no slot, and nothing opens them again");
  return read<SlotKey>([&](NodeReader&) -> Result<SlotKey> {
    const auto& slots = state_.header.slots;
    const auto own = std::ranges::find(slots, unlocker_.slot, &format::Slot::id);
    if (own == slots.end()) return Error(Errc::internal, "the slot that opened the vault is not in it");
    if (!mutated("slots.private_key") && own->kind() != SlotKind::passphrase &&
        own->kind() != SlotKind::raw_key)
      return Error(Errc::refused,
                   "a private key or a recovery code is not given out: it may open more than this vault");
    TV_TRY(auto key, SecretBuffer::copy_of(unlocker_.key.expose()));
    return SlotKey{own->id, own->kind(), std::move(key)};
  });
}

Status renew_master(Draft& draft, const Unlocker& own, const RotateMaster& how, std::uint32_t above) {
  for (const auto& id : how.drop)
    if (!mutated("slots.drop_unknown") &&
        std::ranges::find(draft.slots(), id, &format::Slot::id) == draft.slots().end())
      return Error(Errc::not_found, "the vault has no slot " + to_hex(id));
  if (!mutated("slots.last_epoch") && above == ~std::uint32_t{0})
    return Error(Errc::refused, "the vault has no epoch left");
  TV_TRY(auto master, SecretBuffer::allocate(32));
  crypto::random_fill(master.expose_writable());
  Carry carry(draft.state(), own, how, above + 1, master);
  TV_TRY(auto slots, carry.slots());
  if (!mutated("carry.used")) TV_CHECK(carry.check_used());
  for (const auto& id : how.drop) draft.drop_slot(id);
  draft.slots() = std::move(slots);
  return draft.begin_epoch(above + 1, std::move(master));
}

Status Vault::Impl::rotate_master(const RotateMaster& how) {
  for (const auto* key : how.keep) TV_CHECK(keys::check_held(*key));
  return change(
      [&](Draft& draft) { return renew_master(draft, unlocker_, how, draft.state().header.epoch); });
}

}  // namespace tokenvault
