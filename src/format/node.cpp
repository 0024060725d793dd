#include "format/node.hpp"

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
  ad.raw(vault).u32(epoch).u8(digits.depth).raw(std::span(digits.digit).first(digits.depth));
  return ad;
}

/// Copies out of a plaintext that is about to be wiped.
Result<SecretBuffer> take_tree_key(Reader& in) { return SecretBuffer::copy_of(in.take(32)); }

Status decode_labels(Reader& in, std::vector<SlotLabel>& labels) {
  const std::size_t count = in.u8();
  if (count > kMaxSlots) return broken_top("number of labels");
  for (std::size_t i = 0; i < count; ++i) {
    SlotLabel label;
    label.slot = in.array<8>();
    label.created = in.u64();
    label.text = as_text(in.take(in.u8()));
    if (!is_plain_text(label.text)) return broken_top("not a label");
    if (!labels.empty() && label.slot <= labels.back().slot) return broken_top("labels out of order");
    labels.push_back(std::move(label));
  }
  return Ok{};
}

Result<Top> decode_top(Reader& in) {
  Top top;
  const std::size_t commits = in.u8();
  if (commits > kMaxCommits) return broken_top("number of commits");
  for (std::size_t i = 0; i < commits; ++i) top.commits.push_back(in.array<16>());
  TV_CHECK(decode_labels(in, top.labels));
  top.tokens = in.u64();
  if (in.failed()) return broken_top("cut short");
  TV_TRY(top.body, decode_body(in.rest()));
  return top;
}

Result<OpenedTop> decode_opened(BytesView plain) {
  const auto [bytes, ok] = unpad(plain, kNodePad);
  if (!ok) return broken_top(kNotOurs);
  Reader in(bytes);
  TV_TRY(auto tree_key, take_tree_key(in));
  TV_TRY(auto top, decode_top(in));
  return OpenedTop{std::move(top), std::move(tree_key)};
}

void encode_top(Writer& out, const Top& top, const SecretBuffer& tree_key) {
  const auto body = encode_body(top.body);
  out.reserve(body.size() + 16 * kNodePad);  // growing would leave copies of the tree key behind
  out.raw(tree_key.expose());
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
  encode_top(plain, top, tree_key);
  Bytes sealed(plain.size() + crypto::kTagSize);
  const auto nonce = crypto::seal(key.expose(), header, plain.view(), sealed);
  crypto::wipe(plain.writable());
  Writer out;
  out.raw(nonce);
  out.u32(static_cast<std::uint32_t>(sealed.size()));
  out.raw(sealed);
  return out.take();
}

Result<OpenedTop> open_top(const SecretBuffer& key, const RootParts& parts) {
  if (parts.top_sealed.size() < crypto::kTagSize) return broken_top("cut short");
  Bytes plain(parts.top_sealed.size() - crypto::kTagSize);
  if (!crypto::open(key.expose(), parts.top_nonce, parts.header_bytes, parts.top_sealed, plain))
    return broken_top(kNotOurs);
  auto opened = decode_opened(plain);
  crypto::wipe(plain);
  return opened;
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
  TV_CHECK(check_digest(pointer, blob));
  if (blob.size() < crypto::kTagSize) return broken_node("cut short");
  Bytes plain(blob.size() - crypto::kTagSize);
  if (!crypto::open(key.expose(), pointer.id.bytes, node_ad(vault, pointer.epoch, digits).view(), blob,
                    plain))
    return broken_node(kNotOurs);
  const auto [bytes, ok] = unpad(plain, kNodePad);
  if (!ok) return broken_node(kNotOurs);
  plain.resize(bytes.size());
  return plain;
}

}  // namespace tokenvault::format
