#include "vault/draft.hpp"

#include <algorithm>
#include <set>

#include "core/mutant.hpp"
#include "core/try.hpp"
#include "crypto/random.hpp"

namespace tokenvault {

Result<format::Pointer> Draft::add_record(std::string_view name, std::uint32_t version,
                                          const SecretBuffer& value) {
  const auto* epoch = keys().find(keys().epoch());
  auto sealed = format::seal_record(epoch->record, header_.vault_id, {name, keys().epoch(), version}, value);
  put_.push_back(std::move(sealed.blob));
  return sealed.pointer;
}

Result<SecretBuffer> Draft::value_of(std::string_view name, const format::Version& version) {
  TV_TRY(const auto sealed, nodes_.blob(version.record));
  return nodes_.open(name, version, sealed);
}

Status Draft::replace(const std::optional<format::Entry>& before, format::Entry after) {
  if (!mutated("draft.entry_size") &&
      (format::entry_size(after) > format::kMaxEntrySize || after.fields.size() > format::kMaxFields))
    return Error(Errc::refused,
                 "token " + after.name + " has too many versions or fields for one entry of 64 KiB");
  top_.tokens += (after.listed() ? 1U : 0U);
  top_.tokens -= (before && before->listed() ? 1U : 0U);
  format::Path path(state().tree_key, after.name);
  changes_.push_back({path, std::move(after)});
  return Ok{};
}

Status Draft::add_slot(format::Slot slot, std::string_view label) {
  const auto passphrase = static_cast<std::uint8_t>(SlotKind::passphrase);
  if (!mutated("draft.slots") && header_.slots.size() >= format::kMaxSlots)
    return Error(Errc::refused, "the vault has 32 slots already");
  if (!mutated("draft.passphrases") && slot.type == passphrase &&
      std::ranges::count(header_.slots, passphrase, &format::Slot::type) >=
          std::ptrdiff_t{format::kMaxPassphrases})
    return Error(Errc::refused, "the vault has 8 passphrase slots already");
  // Another writer may have left labels whose slot is gone: ignored, but they take up places.
  std::erase_if(top_.labels, [&](const format::SlotLabel& known) {
    return std::ranges::find(header_.slots, known.slot, &format::Slot::id) == header_.slots.end();
  });
  const auto place = std::ranges::lower_bound(top_.labels, slot.id, {}, &format::SlotLabel::slot);
  top_.labels.insert(place, {slot.id, now_, std::string(label)});
  header_.slots.push_back(std::move(slot));
  return Ok{};
}

void Draft::drop_slot(const SlotId& id) {
  std::erase_if(header_.slots, [&](const format::Slot& slot) { return slot.id == id; });
  std::erase_if(top_.labels, [&](const format::SlotLabel& label) { return label.slot == id; });
}

Result<std::vector<format::Entry>> Draft::entries() {
  std::vector<format::Entry> all;
  TreeVisitor visitor;
  visitor.entry = [&](const format::Entry& entry) -> Status {
    all.push_back(entry);
    return Ok{};
  };
  TV_CHECK(walk_tree(nodes_, visitor));
  return all;
}

Status Draft::begin_epoch(std::uint32_t epoch, SecretBuffer master) {
  TV_TRY(header_.history, keys().history_under(master));
  header_.epoch = epoch;
  TV_TRY(next_keys_, Keyring::make(header_, std::move(master)));
  return Ok{};
}

Status Draft::leap_beyond(std::uint64_t seen) {
  constexpr std::uint64_t kLeap = std::uint64_t{1} << 32;
  const auto newest = std::max(state().header.generation, seen);
  if (!mutated("draft.leap_end") && newest > ~std::uint64_t{0} - kLeap)
    return Error(Errc::refused, "the vault has no generation left");
  header_.generation = newest + kLeap - 1;  // and one more for the commit itself
  return Ok{};
}

Anchor Draft::anchor() const noexcept {
  return {header_.generation, format::anchor_digest(root_), header_.epoch};
}

std::vector<Blob> Draft::blobs_with(const std::vector<Blob>& before) const {
  const std::set<BlobId> gone(erase_.begin(), erase_.end());
  std::vector<Blob> blobs;
  for (const auto* part : {&before, &put_})
    for (const auto& blob : *part)
      if (!gone.contains(blob.id)) blobs.push_back(blob);
  return blobs;
}

Status Draft::apply_entries() {
  TreeWriter tree(nodes_, keys().epoch(), keys().find(keys().epoch())->node);
  TV_CHECK(tree.apply(top_.body, std::move(changes_)));
  // The tree's first in both lists: there each blob stands where the one that it replaces does.
  new_nodes_ = tree.put.size();
  std::ranges::move(put_, std::back_inserter(tree.put));
  std::ranges::copy(erase_, std::back_inserter(tree.erase));
  put_ = std::move(tree.put);
  erase_ = std::move(tree.erase);
  return Ok{};
}

Status Draft::seal() {
  if (!changes_.empty()) TV_CHECK(apply_entries());
  if (!mutated("draft.last_generation") && header_.generation == ~std::uint64_t{0})
    return Error(Errc::refused, "the vault has no generation left");
  ++header_.generation;
  if (top_.commits.size() == format::kMaxCommits) top_.commits.erase(top_.commits.begin());
  top_.commits.push_back(crypto::random_array<16>());
  Writer root;
  root.raw(format::encode_header(header_));
  root.raw(format::header_mac(keys().master(), root.view()));
  root.raw(format::seal_top(keys().top(), root.view(), top_, state().tree_key));
  root_ = root.take();
  return Ok{};
}

void Draft::keep_nodes() {
  auto* const known = nodes_.known();
  if (known == nullptr) return;
  for (const auto& id : erase_) known->drop(id);
  for (const auto& node : std::span(put_).first(new_nodes_)) known->keep(node.id, node.bytes);
}

void Draft::adopt(State& state, Revision revision) && {
  keep_nodes();
  state.revision = revision;
  state.header = std::move(header_);
  state.digest = format::anchor_digest(root_);
  state.top = std::move(top_);
  if (next_keys_) state.keys = *std::move(next_keys_);
}

}  // namespace tokenvault
