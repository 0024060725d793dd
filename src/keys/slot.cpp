#include "keys/slot.hpp"

#include <array>

#include "core/bytes.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "crypto/aead.hpp"
#include "crypto/curve.hpp"
#include "crypto/kdf.hpp"
#include "crypto/random.hpp"
#include "crypto/scrub.hpp"

namespace tokenvault::keys {
namespace {

constexpr std::size_t kSaltSize = 16;
using crypto::kKeySize;

/// okm of docs/format.md 3.1: the wrapping key, then the commitment.
struct Derived {
  SecretBuffer bytes;
  [[nodiscard]] BytesView kek() const noexcept { return bytes.expose().first(kKeySize); }
  [[nodiscard]] BytesView commit() const noexcept { return bytes.expose().subspan(kKeySize); }
};

bool has_public_key(SlotKind kind) noexcept {
  return kind == SlotKind::recipient || kind == SlotKind::recovery;
}

/// What goes into okm: the slot key itself, or what X25519 makes of it.
Result<SecretBuffer> key_material(const SecretBuffer& key, SlotKind kind, BytesView params) {
  if (!has_public_key(kind)) return SecretBuffer::copy_of(key.expose());
  TV_TRY(auto shared, SecretBuffer::allocate(kKeySize));
  if (!crypto::shared_secret(key.expose(), params.subspan(kKeySize), shared.expose_writable()) &&
      !mutated("slot.low_order"))
    return Error(Errc::wrong_key, "the slot does not open");
  return shared;
}

Result<Derived> derive(const SecretBuffer& material, const format::Slot& slot, BytesView params,
                       const Scope& scope) {
  TV_TRY(auto okm, SecretBuffer::allocate(2 * kKeySize));
  const std::array type{std::byte{slot.type}};
  const auto epoch = FixedWriter<4>().u32(scope.epoch);
  crypto::hash("tv1 slot", material.expose(),
               {format::kMagic, scope.vault_id, slot.id, type, epoch.view(), params}, okm.expose_writable());
  return Derived{std::move(okm)};
}

/// params and key material are settled: commit to the key and wrap the master.
Result<format::Slot> wrap(format::Slot slot, BytesView params, const SecretBuffer& material,
                          const Scope& scope, const SecretBuffer& master) {
  TV_TRY(const auto derived, derive(material, slot, params, scope));
  std::array<std::byte, kKeySize + crypto::kTagSize> wrapped;
  const auto nonce = crypto::seal(derived.kek(), {}, master.expose(), wrapped);
  Writer body;
  body.raw(params);
  body.raw(derived.commit());
  body.raw(nonce);
  body.raw(wrapped);
  slot.body = body.take();
  return slot;
}

Result<SecretBuffer> stretch(const SecretBuffer& passphrase, BytesView salt, KdfCost cost) {
  TV_TRY(auto key, SecretBuffer::allocate(kKeySize));
  TV_CHECK(crypto::argon2id(passphrase.expose(), salt, cost.passes, cost.memory_kib, key.expose_writable()));
  return key;
}

Status check_cost(KdfCost cost) {
  const bool fits =
      cost.passes >= 1 && cost.passes <= 16 && cost.memory_kib >= 8192 && cost.memory_kib <= 1048576;
  if (fits || mutated("slot.cost")) return Ok{};
  return Error(Errc::refused,
               "a passphrase slot asks for Argon2id parameters out of bounds; the vault may be forged");
}

/// A public-key slot with a fresh ephemeral key pair.
Result<format::Slot> wrap_for(format::Slot slot, const PublicKey& recipient, const Scope& scope,
                              const SecretBuffer& master) {
  TV_TRY(auto ephemeral, make_key_pair());
  TV_TRY(auto shared, SecretBuffer::allocate(kKeySize));
  if (!crypto::shared_secret(ephemeral.private_key.expose(), recipient, shared.expose_writable()) &&
      !mutated("slot.low_order_made"))
    return Error(Errc::refused, "this public key is not a usable X25519 point");
  Writer params;
  params.raw(recipient);
  params.raw(ephemeral.public_key);
  return wrap(std::move(slot), params.view(), shared, scope, master);
}

format::Slot blank(SlotKind kind) { return {static_cast<std::uint8_t>(kind), crypto::random_array<8>(), {}}; }

PublicKey public_half(const SecretBuffer& private_key) noexcept {
  PublicKey key;
  crypto::public_key(private_key.expose(), key);
  return key;
}

}  // namespace

Status check_held(const KeySource& source) {
  const auto& secret = KeyAccess::secret(source);
  if (!mutated("slot.moved") && secret.empty())
    return Error(Errc::invalid_argument, "the key was moved from: it holds no secret any more");
  if (!mutated("slot.forked") && secret.expose().empty())
    return Error(Errc::forked, "a key does not cross fork(): make it again in the child");
  return Ok{};
}

Result<format::Slot> make_slot(const KeySource& source, const Scope& scope, const SecretBuffer& master) {
  TV_CHECK(check_held(source));
  if (!mutated("slot.of_slot") && KeyAccess::slot(source))
    return Error(Errc::invalid_argument, "the key of a slot opens that slot and makes no other");
  const auto kind = source.kind();
  const auto& secret = KeyAccess::secret(source);
  if (has_public_key(kind)) return make_slot(kind, public_half(secret), scope, master);
  Writer params;
  params.raw(crypto::random_array<kSaltSize>());
  if (kind == SlotKind::raw_key) return wrap(blank(kind), params.view(), secret, scope, master);
  const auto cost = KeyAccess::cost(source);
  TV_TRY(const auto key, stretch(secret, params.view(), cost));
  params.u32(cost.passes);
  params.u32(cost.memory_kib);
  return wrap(blank(kind), params.view(), key, scope, master);
}

Result<format::Slot> make_slot(SlotKind kind, const PublicKey& recipient, const Scope& scope,
                               const SecretBuffer& master) {
  return wrap_for(blank(kind), recipient, scope, master);
}

Result<SecretBuffer> slot_key(const KeySource& source, const format::Slot& slot) {
  TV_CHECK(check_held(source));
  const auto& secret = KeyAccess::secret(source);
  if (source.kind() != SlotKind::passphrase || KeyAccess::slot(source))
    return SecretBuffer::copy_of(secret.expose());
  const auto cost = format::cost_of(slot);
  TV_CHECK(check_cost(cost));
  return stretch(secret, slot.params().first(kSaltSize), cost);
}

Result<SecretBuffer> open_slot(const SecretBuffer& key, const format::Slot& slot, const Scope& scope) {
  TV_TRY(const auto material, key_material(key, slot.kind(), slot.params()));
  TV_TRY(const auto derived, derive(material, slot, slot.params(), scope));
  TV_TRY(auto master, SecretBuffer::allocate(kKeySize));
  // The commitment comes first: without it one slot could be made to open under many guesses at once.
  if ((!mutated("slot.commitment") && !crypto::equal(derived.commit(), slot.commit())) ||
      (!crypto::open(derived.kek(), slot.wrap_nonce(), {}, slot.wrapped(), master.expose_writable()) &&
       !mutated("slot.tag")))
    return Error(Errc::wrong_key, "the slot does not open");
  return master;
}

bool may_open(const KeySource& source, const format::Slot& slot) noexcept {
  if (!mutated("slot.kind") && (!slot.known() || slot.kind() != source.kind())) return false;
  if (const auto& only = KeyAccess::slot(source)) return slot.id == *only || mutated("slot.only");
  return !has_public_key(slot.kind()) || mutated("slot.public_key") ||
         format::public_key_of(slot) == public_half(KeyAccess::secret(source));
}

Result<format::Slot> rewrap(const format::Slot& slot, const SecretBuffer* key, const Scope& next,
                            const SecretBuffer& master) {
  format::Slot blank_slot{slot.type, slot.id, {}};
  if (has_public_key(slot.kind()))
    return wrap_for(std::move(blank_slot), format::public_key_of(slot), next, master);
  return wrap(std::move(blank_slot), slot.params(), *key, next, master);
}

Result<Unlocked> unlock(const format::Header& header, const KeySource& source) {
  TV_CHECK(check_held(source));
  const Scope scope{header.vault_id, header.epoch};
  for (const auto& slot : header.slots) {
    if (!may_open(source, slot)) continue;
    TV_TRY(auto key, slot_key(source, slot));
    auto master = open_slot(key, slot, scope);
    if (master) return Unlocked{slot.id, std::move(key), *std::move(master)};
    if (master.error().code() != Errc::wrong_key) return std::move(master).error();
  }
  const std::string what(KeyAccess::slot(source) ? "kept slot key" : to_string(source.kind()));
  return Error(Errc::wrong_key, "no slot of the vault opens with this " + what);
}

}  // namespace tokenvault::keys
