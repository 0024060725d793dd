#include "unsealed.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "container.hpp"
#include "keys/slot.hpp"
#include "target.hpp"

namespace tokenvault::fuzz {
namespace {

const unsigned char* raw(BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* raw(std::span<std::byte> bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

void hash(std::string_view person, BytesView key, BytesView data, std::span<std::byte> out) {
  unsigned char padded[crypto_generichash_blake2b_PERSONALBYTES] = {};
  std::memcpy(padded, person.data(), std::min(person.size(), sizeof(padded)));
  must(crypto_generichash_blake2b_salt_personal(raw(out), out.size(), raw(data), data.size(), raw(key),
                                                key.size(), nullptr, padded) == 0,
       "BLAKE2b works");
}

/// vault | epoch | the rest.
Bytes ad_of(const format::VaultId& vault, const Piece& piece) {
  Writer ad;
  ad.raw(vault);
  ad.u32(piece.epoch);
  ad.raw(piece.place);
  return ad.take();
}

Bytes place_of(const format::Digits& digits) {
  Writer place;
  place.u8(digits.depth);
  place.raw(std::span(digits.digit).first(digits.depth));
  return place.take();
}

Bytes place_of(std::string_view name, std::uint32_t version) {
  Writer place;
  place.u32(version);
  place.u8(static_cast<std::uint8_t>(name.size()));
  place.text(name);
  return place.take();
}

/// Where `id` is named, the digest behind it and the epoch is put right.
void point_to(Bytes& plain, const BlobId& id, const Key& digest) {
  constexpr std::size_t kDigest = 24 + 4;
  for (auto at = plain.begin();; ++at) {
    at = std::search(at, plain.end(), id.bytes.begin(), id.bytes.end());
    if (plain.end() - at < static_cast<std::ptrdiff_t>(kDigest + digest.size())) return;
    std::copy(digest.begin(), digest.end(), at + kDigest);
  }
}

}  // namespace

KeySource known_key() { return KeySource::raw_key(secret_of(known_key_bytes())).value(); }

Key known_key_bytes() {
  Key key;
  key.fill(std::byte{'k'});
  return key;
}

Key blake2b(std::string_view person, BytesView key, BytesView data) {
  Key out;
  hash(person, key, data, out);
  return out;
}

Bytes seal(BytesView key, BytesView nonce, BytesView ad, BytesView plain) {
  Bytes sealed(plain.size() + crypto::kTagSize);
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw(std::span(sealed)), nullptr, raw(plain), plain.size(),
                                             raw(ad), ad.size(), nullptr, raw(nonce), raw(key));
  return sealed;
}

std::optional<Bytes> open(BytesView key, BytesView nonce, BytesView ad, BytesView sealed) {
  if (sealed.size() < crypto::kTagSize) return std::nullopt;
  Bytes plain(sealed.size() - crypto::kTagSize);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(raw(std::span(plain)), nullptr, nullptr, raw(sealed),
                                                 sealed.size(), raw(ad), ad.size(), raw(nonce),
                                                 raw(key)) != 0)
    return std::nullopt;
  return plain;
}

std::optional<Unsealed> Unsealed::from(BytesView bytes) {
  auto container = parse_container(bytes);
  if (!container) return std::nullopt;
  const auto parts = format::parse_root(container->root);
  if (!parts) return std::nullopt;
  const auto unlocked = keys::unlock(parts->header, known_key());
  if (!unlocked) return std::nullopt;
  Unsealed vault;
  vault.header = parts->header;
  vault.slot_ = unlocked->slot;
  std::ranges::copy(unlocked->master.expose(), vault.master_.begin());
  vault.masters_[parts->header.epoch] = vault.master_;
  std::ranges::copy(parts->mac, vault.mac_.begin());
  std::ranges::copy(parts->top_nonce, vault.top_nonce_.begin());
  const auto key = blake2b("tv1 top", vault.master_, vault.header.vault_id);
  auto top = open(key, parts->top_nonce, parts->header_bytes, parts->top_sealed);
  if (!top) return std::nullopt;
  vault.top = *std::move(top);
  vault.others = std::move(container->blobs);
  vault.take_history();
  vault.take_pieces(vault.body(), {});
  return vault;
}

void Unsealed::take_history() {
  if (header.history.size() < crypto::kNonceSize) return;
  const BytesView all(header.history);
  const auto key = blake2b("tv1 history", master_, header.vault_id);
  history = open(key, all.first(crypto::kNonceSize), {}, all.subspan(crypto::kNonceSize)).value_or(Bytes());
  for (Reader in(history); !in.done() && !in.failed();) {
    const auto epoch = in.u32();
    masters_.emplace(epoch, in.array<32>());
  }
}

BytesView Unsealed::body() const {
  Reader in(unpad(top, format::kNodePad).bytes);
  in.take(32);
  in.take(std::size_t{16} * in.u8());
  for (int labels = in.u8(); labels > 0; --labels) {
    in.take(8 + 8);
    in.take(in.u8());
  }
  in.u64();
  return in.rest();
}

void Unsealed::take_pieces(BytesView encoded, const format::Digits& digits) {
  const auto body = format::decode_body(encoded);
  if (!body) return;
  for (std::size_t i = 0; i < body->children.size() && digits.depth < format::kMaxDepth; ++i) {
    if (!body->children[i]) continue;
    const auto below = digits.down(static_cast<std::uint8_t>(i));
    take(body->children[i]->pointer, false, place_of(below), below);
  }
  for (const auto& entry : body->entries)
    for (const auto& version : entry.versions)
      take(version.record, true, place_of(entry.name, version.number), {});
}

void Unsealed::take(const format::Pointer& pointer, bool record, Bytes place, const format::Digits& digits) {
  const auto found = others.find(pointer.id);
  Piece piece{pointer.id, pointer.epoch, record, std::move(place), {}};
  const auto key = key_of(piece);
  if (found == others.end() || !key) return;
  auto plain = open(*key, piece.id.bytes, ad_of(header.vault_id, piece), found->second);
  if (!plain) return;
  piece.plain = *std::move(plain);
  others.erase(found);
  const auto body = piece.plain;
  pieces.push_back(std::move(piece));
  if (!record) take_pieces(unpad(body, format::kNodePad).bytes, digits);
}

std::optional<Key> Unsealed::key_of(const Piece& piece) const {
  const auto found = masters_.find(piece.epoch);
  if (found == masters_.end()) return std::nullopt;
  return blake2b(piece.record ? "tv1 record" : "tv1 node", found->second, header.vault_id);
}

Piece* Unsealed::find(const BlobId& id) {
  const auto found = std::ranges::find(pieces, id, &Piece::id);
  return found == pieces.end() ? nullptr : &*found;
}

/// What a changed tree says of where its pieces are.
void Unsealed::place_pieces(BytesView encoded, const format::Digits& digits) {
  const auto body = format::decode_body(encoded);
  if (!body || digits.depth >= 8) return;  // a branch may name itself
  for (std::size_t i = 0; i < body->children.size(); ++i) {
    auto* piece = body->children[i] ? find(body->children[i]->pointer.id) : nullptr;
    if (piece == nullptr) continue;
    const auto below = digits.down(static_cast<std::uint8_t>(i));
    piece->place = place_of(below);
    piece->epoch = body->children[i]->pointer.epoch;
    place_pieces(unpad(piece->plain, format::kNodePad).bytes, below);
  }
  for (const auto& entry : body->entries) {
    for (const auto& version : entry.versions) {
      auto* piece = find(version.record.id);
      if (piece == nullptr) continue;
      piece->place = place_of(entry.name, version.number);
      piece->epoch = version.record.epoch;
    }
  }
}

void Unsealed::seal_piece(std::size_t at, std::map<BlobId, Bytes>& blobs) {
  const auto& piece = pieces[at];
  const auto key = key_of(piece).value_or(master_);
  auto bytes = seal(key, piece.id.bytes, ad_of(header.vault_id, piece), piece.plain);
  const auto digest = blake2b("", {}, bytes);
  for (std::size_t i = 0; i < at; ++i)
    if (!pieces[i].record) point_to(pieces[i].plain, piece.id, digest);
  point_to(top, piece.id, digest);
  blobs[piece.id] = std::move(bytes);
}

/// The master key, for the vault and epoch that the header names now, in the slot that it came from.
void Unsealed::rewrap_slot() {
  constexpr std::size_t kSalt = 16;
  const auto slot = std::ranges::find(header.slots, slot_, &format::Slot::id);
  if (slot == header.slots.end() || slot->type != 2 || slot->body.size() < kSalt + 32 + 24 + 48) return;
  Writer context;
  context.raw(format::kMagic);
  context.raw(header.vault_id);
  context.raw(slot->id);
  context.u8(slot->type);
  context.u32(header.epoch);
  context.raw(BytesView(slot->body).first(kSalt));
  std::array<std::byte, 64> okm{};
  hash("tv1 slot", known_key_bytes(), context.view(), okm);
  const auto wrapped =
      seal(BytesView(okm).first(32), BytesView(slot->body).subspan(kSalt + 32, 24), {}, master_);
  std::copy(okm.begin() + 32, okm.end(), slot->body.begin() + kSalt);
  std::copy(wrapped.begin(), wrapped.end(), slot->body.begin() + kSalt + 32 + 24);
}

Bytes Unsealed::sealed() {
  masters_[header.epoch] = master_;
  if (follow_names) place_pieces(body(), {});
  auto blobs = others;
  for (auto at = pieces.size(); at > 0; --at) seal_piece(at - 1, blobs);
  if (header.history.size() >= crypto::kNonceSize && !history.empty()) {
    const Bytes nonce(header.history.begin(), header.history.begin() + crypto::kNonceSize);
    const auto sealed = seal(blake2b("tv1 history", master_, header.vault_id), nonce, {}, history);
    header.history = nonce;
    header.history.insert(header.history.end(), sealed.begin(), sealed.end());
  }
  rewrap_slot();
  Writer root;
  root.raw(header_bytes ? *header_bytes : format::encode_header(header));
  root.raw(keep_mac ? mac_ : blake2b("tv1 header", master_, root.view()));
  const auto key = blake2b("tv1 top", master_, header.vault_id);
  const auto sealed = seal(key, top_nonce_, root.view(), top);
  root.raw(top_nonce_);
  root.u32(static_cast<std::uint32_t>(sealed.size()));
  root.raw(sealed);
  return encode(Container{root.take(), std::move(blobs)});
}

}  // namespace tokenvault::fuzz
