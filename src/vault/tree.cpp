#include "vault/tree.hpp"

#include "core/mutant.hpp"
#include "core/try.hpp"

namespace tokenvault {
namespace {

Error broken(const char* what) { return {Errc::tampered, std::string("vault tree: ") + what}; }

Error kept_changing() { return {Errc::unavailable, "the vault kept changing while it was read"}; }

class Walk {
 public:
  Walk(NodeReader& nodes, const TreeVisitor& visitor) : nodes_(nodes), visitor_(visitor) {}

  Status body(const format::Body& body, const format::Digits& digits) {
    for (const auto& entry : body.entries) {
      if (!mutated("tree.path") && !digits.leads_to(format::Path(nodes_.state().tree_key, entry.name)))
        return broken("a token lies off its path");
      TV_CHECK(visitor_.entry(entry));
    }
    for (std::uint8_t i = 0; i < format::kFanOut; ++i)
      if (body.children[i]) TV_CHECK(child(*body.children[i], digits, i));
    return Ok{};
  }

 private:
  Status child(const format::Child& child, const format::Digits& digits, std::uint8_t digit) {
    TV_CHECK(visitor_.child(child));
    if (!visitor_.enter(child)) return Ok{};
    if (!mutated("tree.walk_depth") && digits.depth == format::kMaxDepth) return broken("too deep");
    const auto status = below(child, digits.down(digit));
    if (status || nodes_.moved()) return status;
    return visitor_.broken(status.error());
  }

  Status below(const format::Child& child, const format::Digits& digits) {
    TV_TRY(const auto encoded, nodes_.node(child.pointer, digits));
    TV_TRY(const auto found, format::decode_body(encoded));
    if (!mutated("tree.empty_node") && !found.branch && found.entries.empty())
      return broken("a node without entries");
    if (!mutated("tree.wake") && found.wake() != child.wake) return broken("a wake that nothing below has");
    return body(found, digits);
  }

  NodeReader& nodes_;
  const TreeVisitor& visitor_;
};

}  // namespace

Result<Bytes> NodeReader::root() {
  TV_TRY(auto root, store_.root());
  moved_ = root.revision != state_.revision;
  if (moved_) return kept_changing();
  if (mutated("tree.root_digest") || format::anchor_digest(root.bytes) == state_.digest)
    return std::move(root.bytes);
  return Error(Errc::tampered, "it was changed without a commit");
}

Result<Bytes> NodeReader::fetch(const BlobId& id) {
  auto bytes = store_.get(id);
  if (bytes || bytes.error().code() != Errc::not_found) return bytes;
  TV_TRY(const auto revision, store_.revision());
  moved_ = revision != state_.revision;
  if (moved_) return kept_changing();
  return Error(mutated("tree.missing") ? Errc::not_found : Errc::tampered,
               "a part of the vault is missing from the store");
}

Result<Bytes> NodeReader::blob(const format::Pointer& pointer) {
  TV_TRY(auto bytes, fetch(pointer.id));
  if (!mutated("tree.blob_digest")) TV_CHECK(format::check_digest(pointer, bytes));
  return bytes;
}

Result<SecretBuffer> NodeReader::open(std::string_view name, const format::Version& version,
                                      BytesView sealed) const {
  const auto epoch = version.record.epoch;
  TV_TRY(const auto* keys, state_.keys.of(epoch));
  return format::open_record(keys->record, state_.header.vault_id, {name, epoch, version.number},
                             version.record.id.bytes, sealed);
}

Result<Bytes> NodeReader::node(const format::Pointer& pointer, const format::Digits& digits) {
  if (const auto known = opened_.find(pointer.id); known != opened_.end()) return known->second;
  const auto* const known = known_ == nullptr ? nullptr : known_->find(pointer.id);
  TV_TRY(const auto bytes, known != nullptr ? Result<Bytes>(*known) : fetch(pointer.id));
  TV_TRY(const auto* keys, state_.keys.of(pointer.epoch));
  TV_TRY(auto encoded, format::open_node(keys->node, state_.header.vault_id, pointer, digits, bytes));
  if (known_ != nullptr) known_->keep(pointer.id, bytes);
  if (remember_) opened_.emplace(pointer.id, encoded);
  return encoded;
}

Result<std::optional<format::Entry>> find_entry(NodeReader& nodes, std::string_view name) {
  const auto& top = nodes.state().top.body;
  if (!top.branch) {
    const auto found = std::ranges::lower_bound(top.entries, name, {}, &format::Entry::name);
    if (found == top.entries.end() || found->name != name) return std::optional<format::Entry>();
    return std::optional(*found);
  }
  const format::Path path(nodes.state().tree_key, name);
  auto child = top.children[path.digit(0)];
  format::Digits digits = format::Digits{}.down(path.digit(0));
  while (child) {
    TV_TRY(const auto encoded, nodes.node(child->pointer, digits));
    const std::uint8_t digit = digits.depth < format::kMaxDepth ? path.digit(digits.depth) : 0;
    TV_TRY(auto found, format::find_in_body(encoded, name, digit));
    if (!found.child) return std::move(found.entry);
    if (!mutated("tree.find_depth") && digits.depth == format::kMaxDepth) return broken("too deep");
    child = found.child;
    digits = digits.down(digit);
  }
  return std::optional<format::Entry>();
}

Status walk_tree(NodeReader& nodes, const TreeVisitor& visitor) {
  return Walk(nodes, visitor).body(nodes.state().top.body, {});
}

}  // namespace tokenvault
