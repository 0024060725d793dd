#pragma once
#include <sodium.h>

#include <functional>
#include <optional>

#include "support/dump.hpp"
#include "support/vault_fixture.hpp"
#include "vault/tree.hpp"

namespace tokenvault::test {

/// The root of `copy` with its header changed: its MAC and its top node stay, as by somebody without a key.
inline Bytes with_header(const Dump& copy, const std::function<void(format::Header&)>& edit) {
  auto parts = format::parse_root(copy.root);
  REQUIRE(parts);
  edit(parts->header);
  auto changed = format::encode_header(parts->header);
  const auto rest = BytesView(copy.root).subspan(parts->mac_input.size());
  changed.insert(changed.end(), rest.begin(), rest.end());
  return changed;
}

/// AEAD of docs/format.md under a nonce of one's own choice, which our crypto::seal does not take.
inline Bytes seal_by_hand(BytesView key, BytesView nonce, BytesView ad, BytesView plain) {
  const auto raw = [](BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); };
  Bytes sealed(plain.size() + crypto::kTagSize);
  crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(sealed.data()), nullptr,
                                             raw(plain), plain.size(), raw(ad), ad.size(), nullptr,
                                             raw(nonce), raw(key));
  return sealed;
}

/// A pointer to `sealed` under `id`.
inline format::Pointer pointer_to(const BlobId& id, std::uint32_t epoch, BytesView sealed) {
  return {id, epoch, crypto::digest("", sealed)};
}

/// `plain` with docs/format.md's padding.
inline Bytes padded(BytesView plain, std::size_t block) {
  Writer out;
  out.raw(plain);
  out.pad(block);
  return out.take();
}

/// A root by docs/format.md under a master key that is at hand.
inline Bytes seal_root(const SecretBuffer& master, const format::Header& header, const format::Top& top,
                       const SecretBuffer& tree_key) {
  const auto ring = Keyring::make(header, secret(text_of(master)));
  REQUIRE(ring);
  Writer out;
  out.raw(format::encode_header(header));
  out.raw(format::header_mac(master, out.view()));
  out.raw(format::seal_top(ring->top(), out.view(), top, tree_key));
  return out.take();
}

/// Somebody who has the master key of one epoch, from a copy of that time: a member, or one who was.
class Forger {
 public:
  Forger(const Dump& copy, const KeySource& key) {
    const auto parts = format::parse_root(copy.root);
    REQUIRE(parts);
    auto unlocked = keys::unlock(parts->header, key);
    REQUIRE(unlocked);
    own_ = unlocked->slot;
    slot_key_ = std::move(unlocked->key);
    master_ = secret(text_of(unlocked->master));
    auto opened = open_state({copy.root, Revision{1}}, *parts, std::move(unlocked->master), {});
    REQUIRE(opened);
    state_ = *std::move(opened);
  }

  using Edit = std::function<void(format::Header&, format::Top&)>;
  /// The copy's root, changed and sealed again under their own master key. A slot whose secret they have not got
  /// stays as it was: no key of theirs makes it open.
  [[nodiscard]] Bytes root(const Edit& edit) const {
    auto header = state_->header;
    auto top = state_->top;
    edit(header, top);
    for (auto& slot : header.slots)
      if (slot.id == own_) {
        auto made = keys::rewrap(slot, &slot_key_, {header.vault_id, header.epoch}, master_);
        REQUIRE(made);
        slot = *std::move(made);
      }
    return seal_root(master_, header, top, state_->tree_key);
  }

  [[nodiscard]] State& state() { return *state_; }
  [[nodiscard]] const State& state() const { return *state_; }
  [[nodiscard]] const SecretBuffer& master() const { return master_; }
  [[nodiscard]] const EpochKeys& keys() { return **state_->keys.of(state_->header.epoch); }

  /// The plaintext of a record or node under a nonce that is to be its id.
  [[nodiscard]] Bytes record(const BlobId& id, const format::RecordPlace& place, BytesView plain) {
    auto ad = place_of(place.epoch);
    ad.u32(place.version);
    ad.u8(static_cast<std::uint8_t>(place.name.size()));
    ad.text(place.name);
    return seal_by_hand(keys().record.expose(), id.bytes, ad.view(), plain);
  }
  [[nodiscard]] Bytes node(const BlobId& id, const format::Digits& digits, BytesView plain) {
    auto ad = place_of(state_->header.epoch);
    ad.u8(digits.depth);
    ad.raw(std::span(digits.digit).first(digits.depth));
    return seal_by_hand(keys().node.expose(), id.bytes, ad.view(), plain);
  }

 private:
  [[nodiscard]] Writer place_of(std::uint32_t epoch) const {
    Writer ad;
    ad.raw(state_->header.vault_id);
    ad.u32(epoch);
    return ad;
  }

  SecretBuffer master_;
  SecretBuffer slot_key_;
  SlotId own_{};
  std::optional<State> state_;
};

}  // namespace tokenvault::test
