#include "attacks/forger.hpp"

#include <sodium.h>

namespace tokenvault::test {
namespace {

const unsigned char* raw(BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

format::Slot rewrapped(const format::Slot& slot, const SecretBuffer& key, const format::Header& header,
                       const SecretBuffer& master) {
  auto made = keys::rewrap(slot, &key, {header.vault_id, header.epoch}, master);
  REQUIRE(made);
  return *std::move(made);
}

}  // namespace

Bytes with_header(const Dump& copy, const std::function<void(format::Header&)>& edit) {
  auto parts = format::parse_root(copy.root);
  REQUIRE(parts);
  edit(parts->header);
  auto changed = format::encode_header(parts->header);
  const auto rest = BytesView(copy.root).subspan(parts->mac_input.size());
  changed.insert(changed.end(), rest.begin(), rest.end());
  return changed;
}

Bytes seal_by_hand(BytesView key, BytesView nonce, BytesView ad, BytesView plain) {
  Bytes sealed(plain.size() + crypto::kTagSize);
  crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(sealed.data()), nullptr,
                                             raw(plain), plain.size(), raw(ad), ad.size(), nullptr,
                                             raw(nonce), raw(key));
  return sealed;
}

Forger::Forger(const Dump& copy, const KeySource& key) {
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

/// A slot whose secret the forger has not got stays as it was: no key of theirs makes it open.
Bytes Forger::root(const Edit& edit) const {
  auto header = state_->header;
  auto top = state_->top;
  edit(header, top);
  for (auto& slot : header.slots)
    if (slot.id == own_) slot = rewrapped(slot, slot_key_, header, master_);
  return seal_root(header, top);
}

Bytes Forger::seal_root(const format::Header& header, const format::Top& top) const {
  const auto ring = Keyring::make(header, secret(text_of(master_)));
  REQUIRE(ring);
  Writer out;
  out.raw(format::encode_header(header));
  out.raw(format::header_mac(master_, out.view()));
  out.raw(format::seal_top(ring->top(), out.view(), top, state_->tree_key));
  return out.take();
}

Bytes Forger::record(const BlobId& id, const format::RecordPlace& place, BytesView plain) {
  Writer ad;
  ad.raw(state_->header.vault_id);
  ad.u32(place.epoch);
  ad.u32(place.version);
  ad.u8(static_cast<std::uint8_t>(place.name.size()));
  ad.text(place.name);
  return seal_by_hand(keys().record.expose(), id.bytes, ad.view(), plain);
}

Bytes Forger::node(const BlobId& id, const format::Digits& digits, BytesView plain) {
  Writer ad;
  ad.raw(state_->header.vault_id);
  ad.u32(state_->header.epoch);
  ad.u8(digits.depth);
  ad.raw(std::span(digits.digit).first(digits.depth));
  return seal_by_hand(keys().node.expose(), id.bytes, ad.view(), plain);
}

format::Pointer pointer_to(const BlobId& id, std::uint32_t epoch, BytesView sealed) {
  return {id, epoch, crypto::digest("", sealed)};
}

Bytes padded(BytesView plain, std::size_t block) {
  Writer out;
  out.raw(plain);
  out.pad(block);
  return out.take();
}

}  // namespace tokenvault::test
