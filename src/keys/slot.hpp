#pragma once
#include <optional>

#include "format/header.hpp"
#include "tokenvault/key_source.hpp"

namespace tokenvault {

struct KeyAccess {
  static const SecretBuffer& secret(const KeySource& source) noexcept { return source.secret_; }
  static KdfCost cost(const KeySource& source) noexcept { return source.cost_; }
  static const std::optional<SlotId>& slot(const KeySource& source) noexcept { return source.slot_; }
};

namespace keys {

/// Which life of which vault a slot belongs to.
struct Scope {
  format::VaultId vault_id{};
  std::uint32_t epoch = 0;
};

/// Whether `source` still holds its secret. What was moved from or stayed in the parent of a fork reads
/// as empty, and a slot made of nothing would open to anybody. Errors: invalid_argument, forked.
Status check_held(const KeySource& source);

/// A slot that `source` opens to `master`. Runs Argon2id for a passphrase. Errors: as check_held,
/// invalid_argument (the key of a slot that is there), out_of_memory.
Result<format::Slot> make_slot(const KeySource& source, const Scope& scope, const SecretBuffer& master);

/// A slot for the owner of a private key that is not at hand. Errors: refused (a low-order point),
/// out_of_memory.
Result<format::Slot> make_slot(SlotKind kind, const PublicKey& recipient, const Scope& scope,
                               const SecretBuffer& master);

/// What an open vault keeps of its slot: the 32 bytes that open it in this and in later epochs.
/// Errors: as check_held, refused (cost out of bounds), out_of_memory.
Result<SecretBuffer> slot_key(const KeySource& source, const format::Slot& slot);

/// The master key in `slot`. Errors: wrong_key, out_of_memory.
Result<SecretBuffer> open_slot(const SecretBuffer& key, const format::Slot& slot, const Scope& scope);

/// Whether a slot could be one of `source`'s: its kind, and its public key where it has one.
bool may_open(const KeySource& source, const format::Slot& slot) noexcept;

/// The slot, same id and same key, for another epoch's master key. Types 1 and 2 need `key`.
/// Errors: out_of_memory, refused (a low-order point).
Result<format::Slot> rewrap(const format::Slot& slot, const SecretBuffer* key, const Scope& next,
                            const SecretBuffer& master);

struct Unlocked {
  SlotId slot{};
  SecretBuffer key;  ///< opens the slot in later epochs too
  SecretBuffer master;
};

/// Tries the header's slots in order. Errors: as check_held, wrong_key when none opens, refused,
/// out_of_memory.
Result<Unlocked> unlock(const format::Header& header, const KeySource& source);

}  // namespace keys
}  // namespace tokenvault
