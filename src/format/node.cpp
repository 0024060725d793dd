#include "format/node.hpp"

#include <array>

#include "core/copy_secret.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "core/utf8.hpp"
#include "crypto/scrub.hpp"

namespace tokenvault::format {
namespace {

Error broken_node(const char* what) { return {Errc::tampered, std::string("vault node: ") + what}; }
Error broken_top(const char* what) { return {Errc::tampered, std::string("vault top node: ") + what}; }

/// Of a seal that does not open and of padding that is none alike: nobody learns from it what came out.
constexpr const char* kNotOurs = "it is not what this vault sealed";

using NodeAd = FixedWriter<16 + 4 + 1 + kMaxDepth>;

NodeAd node_ad(const VaultId& vault, std::uint32_t epoch, const Digits& digits) noexcept {
  NodeAd ad;
  ad.raw(vault).u32(epoch);
  if (!mutated("node.place")) ad.u8(digits.depth).raw(std::span(digits.digit).first(digits.depth));
  return ad;
}

constexpr std::size_t kTreeKey = 32;  // bytes at the front of a top node

/// The key is moved out before anything else is read: what follows may ask the kernel for memory.
void take_tree_key(std::span<std::byte> plain, SecretBuffer& to) {
  copy_secret(to.expose_writable().data(), plain.data(), to.expose().size());
  if (!mutated("node.tree_key_wipe")) crypto::wipe(plain.first(kTreeKey));
}

Status decode_labels(Reader& in, std::vector<SlotLabel>& labels) {
  const std::size_t count = in.u8();
  if (!mutated("node.labels") && count > kMaxSlots) return broken_top("number of labels");
  for (std::size_t i = 0; i < count; ++i) {
    SlotLabel label;
    label.slot = in.array<8>();
    label.created = in.u64();
    label.text = as_text(in.take(in.u8()));
    if (!mutated("node.label_text") && !is_plain_text(label.text)) return broken_top("not a label");
    if (!mutated("node.label_order") && !labels.empty() && label.slot <= labels.back().slot)
      return broken_top("labels out of order");
    labels.push_back(std::move(label));
  }
  return Ok{};
}

Result<Top> decode_top(Reader& in) {
  Top top;
  const std::size_t commits = in.u8();
  if (!mutated("node.commits") && commits > kMaxCommits) return broken_top("number of commits");
  for (std::size_t i = 0; i < commits; ++i) top.commits.push_back(in.array<16>());
  TV_CHECK(decode_labels(in, top.labels));
  top.tokens = in.u64();
  if (!mutated("node.top_cut") && in.failed()) return broken_top("cut short");
  TV_TRY(top.body, decode_body(in.rest()));
  return top;
}

Result<OpenedTop> decode_opened(std::span<std::byte> plain, SecretBuffer tree_key) {
  if (plain.size() < kTreeKey) return broken_top(kNotOurs);
  take_tree_key(plain, tree_key);
  const auto [bytes, ok] = unpad(plain, kNodePad);
  if (!mutated("node.top_padding") && !ok) return broken_top(kNotOurs);
  Reader in(bytes);
  in.take(kTreeKey);
  TV_TRY(auto top, decode_top(in));
  return OpenedTop{std::move(top), std::move(tree_key)};
}

/// With zeros where the tree key belongs.
void encode_top(Writer& out, const Top& top) {
  const auto body = encode_body(top.body);
  out.raw(std::array<std::byte, kTreeKey>{});
  out.u8(static_cast<std::uint8_t>(top.commits.size()));
  for (const auto& id : top.commits) out.raw(id);
  out.u8(static_cast<std::uint8_t>(top.labels.size()));
  for (const auto& label : top.labels) {
    out.raw(label.slot);
    out.u64(label.created);
    out.u8(static_cast<std::uint8_t>(label.text.size()));
    out.text(label.text);
  }
  out.u64(top.tokens);
  out.raw(body);
  out.pad(kNodePad);
}

}  // namespace

Bytes seal_top(const SecretBuffer& key, BytesView header, const Top& top, const SecretBuffer& tree_key) {
  Writer plain;
  encode_top(plain, top);
  Bytes sealed(plain.size() + crypto::kTagSize);
  const auto nonce =
      crypto::seal_with_secret(key.expose(), header, tree_key.expose(), plain.writable(), sealed);
  Writer out;
  out.raw(nonce);
  out.u32(static_cast<std::uint32_t>(sealed.size()));
  out.raw(sealed);
  return out.take();
}

Result<OpenedTop> open_top(const SecretBuffer& key, const RootParts& parts) {
  if (!mutated("node.top_short") && parts.top_sealed.size() < crypto::kTagSize)
    return broken_top("cut short");
  TV_TRY(auto tree_key, SecretBuffer::allocate(kTreeKey));
  Bytes plain(parts.top_sealed.size() - crypto::kTagSize);
  if (!crypto::open(key.expose(), parts.top_nonce, parts.header_bytes, parts.top_sealed, plain) &&
      !mutated("node.top_tag"))
    return broken_top(kNotOurs);
  return decode_opened(plain, std::move(tree_key));
}

SealedBlob seal_node(const SecretBuffer& key, const VaultId& vault, std::uint32_t epoch, const Digits& digits,
                     const Body& body) {
  Writer plain;
  plain.raw(encode_body(body));
  plain.pad(kNodePad);
  SealedBlob made;
  made.blob.bytes.resize(plain.size() + crypto::kTagSize);
  made.blob.id.bytes =
      crypto::seal(key.expose(), node_ad(vault, epoch, digits).view(), plain.view(), made.blob.bytes);
  made.pointer = {made.blob.id, epoch, crypto::digest("", made.blob.bytes)};
  return made;
}

Result<Bytes> open_node(const SecretBuffer& key, const VaultId& vault, const Pointer& pointer,
                        const Digits& digits, BytesView blob) {
  if (!mutated("node.digest")) TV_CHECK(check_digest(pointer, blob));
  if (!mutated("node.short") && blob.size() < crypto::kTagSize) return broken_node("cut short");
  Bytes plain(blob.size() - crypto::kTagSize);
  if (!crypto::open(key.expose(), pointer.id.bytes, node_ad(vault, pointer.epoch, digits).view(), blob,
                    plain) &&
      !mutated("node.tag"))
    return broken_node(kNotOurs);
  const auto [bytes, ok] = unpad(plain, kNodePad);
  if (!mutated("node.padding") && !ok) return broken_node(kNotOurs);
  plain.resize(bytes.size());
  return plain;
}

}  // namespace tokenvault::format
