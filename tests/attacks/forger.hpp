#pragma once
#include <functional>

#include "support/dump.hpp"
#include "support/vault_fixture.hpp"
#include "vault/tree.hpp"

namespace tokenvault::test {

/// The root of `copy` with its header changed: its MAC and its top node stay, as by somebody without a key.
Bytes with_header(const Dump& copy, const std::function<void(format::Header&)>& edit);

/// AEAD of docs/format.md under a nonce of one's own choice, which our crypto::seal does not take.
Bytes seal_by_hand(BytesView key, BytesView nonce, BytesView ad, BytesView plain);

/// Somebody who has the master key of one epoch, from a copy of that time: a member, or one who was.
class Forger {
 public:
  Forger(const Dump& copy, const KeySource& key);

  using Edit = std::function<void(format::Header&, format::Top&)>;
  /// The copy's root, changed and sealed again as docs/format.md says, under their own master key.
  [[nodiscard]] Bytes root(const Edit& edit) const;
  /// The same with a header given in full, slots and all.
  [[nodiscard]] Bytes seal_root(const format::Header& header, const format::Top& top) const;

  [[nodiscard]] const State& state() const { return *state_; }
  [[nodiscard]] State& state() { return *state_; }
  [[nodiscard]] const SecretBuffer& master() const { return master_; }
  [[nodiscard]] const EpochKeys& keys() { return **state_->keys.of(state_->header.epoch); }

  /// The plaintext of a record or node under a nonce that is to be its id.
  [[nodiscard]] Bytes record(const BlobId& id, const format::RecordPlace& place, BytesView padded);
  [[nodiscard]] Bytes node(const BlobId& id, const format::Digits& digits, BytesView padded);

 private:
  SecretBuffer master_;
  SecretBuffer slot_key_;
  SlotId own_{};
  std::optional<State> state_;
};

/// A pointer to `sealed` under `id`.
format::Pointer pointer_to(const BlobId& id, std::uint32_t epoch, BytesView sealed);

/// `plain` with docs/format.md's padding.
Bytes padded(BytesView plain, std::size_t block);

}  // namespace tokenvault::test
