#include "format/header.hpp"

#include <algorithm>
#include <set>

#include "core/mutant.hpp"
#include "core/try.hpp"

namespace tokenvault::format {
namespace {

constexpr std::size_t kHistoryOverhead = crypto::kNonceSize + crypto::kTagSize;
constexpr std::size_t kHistoryEntry = 36;

Error broken_header(const char* what) { return {Errc::tampered, std::string("vault header: ") + what}; }

Status check_magic(BytesView root) {
  const auto head = root.first(std::min(root.size(), kMagic.size()));
  if (!mutated("header.no_vault") &&
      (head.size() < kMagic.size() || !std::equal(head.begin(), head.begin() + 6, kMagic.begin())))
    return broken_header("this is not a vault");
  if (!mutated("header.version") && !std::equal(head.begin(), head.end(), kMagic.begin()))
    return Error(Errc::unsupported, "the vault is of another format version than this program knows");
  return Ok{};
}

Result<Slot> parse_slot(Reader& in) {
  Slot slot;
  slot.type = in.u8();
  const std::size_t size = in.u16();
  slot.id = in.array<8>();
  if (!mutated("header.slot_size") && size > kMaxSlotBody) return broken_header("slot too long");
  const auto body = in.take(size);
  slot.body.assign(body.begin(), body.end());
  if (!mutated("header.slot_cut") && in.failed()) return broken_header("cut short in a slot");
  if (!mutated("header.slot_length") && slot.known() && size != params_size(slot.kind()) + kSealedMasterSize)
    return broken_header("slot length");
  return slot;
}

Status parse_slots(Reader& in, std::vector<Slot>& slots) {
  const std::size_t count = in.u8();
  if (!mutated("header.slots") && (count < 1 || count > kMaxSlots)) return broken_header("number of slots");
  std::set<SlotId> ids;
  std::size_t passphrases = 0;
  for (std::size_t i = 0; i < count; ++i) {
    TV_TRY(auto slot, parse_slot(in));
    if (!ids.insert(slot.id).second && !mutated("header.slot_ids"))
      return broken_header("two slots with one id");
    if (slot.type == static_cast<std::uint8_t>(SlotKind::passphrase)) ++passphrases;
    slots.push_back(std::move(slot));
  }
  if (!mutated("header.passphrases") && passphrases > kMaxPassphrases)
    return broken_header("number of passphrase slots");
  return Ok{};
}

Status parse_history(Reader& in, Bytes& history) {
  const std::size_t size = in.u16();
  const auto bytes = in.take(size);
  const bool fits = size == 0 || (size > kHistoryOverhead && (size - kHistoryOverhead) % kHistoryEntry == 0 &&
                                  (size - kHistoryOverhead) / kHistoryEntry <= kMaxOldEpochs);
  if (!mutated("header.history") && (in.failed() || !fits)) return broken_header("history length");
  history.assign(bytes.begin(), bytes.end());
  return Ok{};
}

}  // namespace

std::size_t params_size(SlotKind kind) noexcept {
  switch (kind) {
    case SlotKind::passphrase: return 24;
    case SlotKind::raw_key: return 16;
    case SlotKind::recipient:
    case SlotKind::recovery: break;
  }
  return 64;
}

KdfCost cost_of(const Slot& slot) noexcept {
  Reader in(slot.params().subspan(16));
  const auto passes = in.u32();
  return {passes, in.u32()};
}

PublicKey public_key_of(const Slot& slot) noexcept { return Reader(slot.params()).array<32>(); }

Result<RootParts> parse_root(BytesView root) {
  if (!mutated("header.size") && root.size() > kMaxRootSize) return broken_header("root too long");
  TV_CHECK(check_magic(root));
  Reader in(root);
  in.take(kMagic.size());
  RootParts parts;
  parts.header.vault_id = in.array<16>();
  parts.header.generation = in.u64();
  parts.header.epoch = in.u32();
  TV_CHECK(parse_slots(in, parts.header.slots));
  TV_CHECK(parse_history(in, parts.header.history));
  parts.mac_input = root.first(in.offset());
  parts.mac = in.take(32);
  if (!mutated("header.cut") && in.failed()) return broken_header("cut short");
  parts.header_bytes = root.first(in.offset());
  parts.top_nonce = in.take(crypto::kNonceSize);
  parts.top_sealed = in.take(in.u32());
  if (!mutated("header.end") && !in.done()) return broken_header("length of the top node");
  if (!mutated("header.zero") && (parts.header.generation == 0 || parts.header.epoch == 0))
    return broken_header("generation or epoch 0");
  return parts;
}

Bytes encode_header(const Header& header) {
  Writer out;
  out.raw(kMagic);
  out.raw(header.vault_id);
  out.u64(header.generation);
  out.u32(header.epoch);
  out.u8(static_cast<std::uint8_t>(header.slots.size()));
  for (const auto& slot : header.slots) {
    out.u8(slot.type);
    out.u16(static_cast<std::uint16_t>(slot.body.size()));
    out.raw(slot.id);
    out.raw(slot.body);
  }
  out.u16(static_cast<std::uint16_t>(header.history.size()));
  out.raw(header.history);
  return out.take();
}

crypto::Digest header_mac(const SecretBuffer& master, BytesView mac_input) noexcept {
  crypto::Digest mac;
  crypto::hash("tv1 header", master.expose(), {mac_input}, mac);
  return mac;
}

crypto::Digest anchor_digest(BytesView root) noexcept { return crypto::digest("tv1 anchor", root); }

}  // namespace tokenvault::format
