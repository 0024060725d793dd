#include <algorithm>
#include <iterator>

#include "core/try.hpp"
#include "vault/tree.hpp"

namespace tokenvault {
namespace {

/// Puts the changed entries among the others, in one pass however many there are.
void merge_entries(std::vector<format::Entry>& entries, std::span<EntryChange> changes) {
  std::ranges::sort(changes, {},
                    [](const EntryChange& change) -> const std::string& { return change.entry.name; });
  std::vector<format::Entry> merged;
  merged.reserve(entries.size() + changes.size());
  auto old = entries.begin();
  for (auto& change : changes) {
    for (; old != entries.end() && old->name < change.entry.name; ++old) merged.push_back(std::move(*old));
    if (old != entries.end() && old->name == change.entry.name) ++old;
    merged.push_back(std::move(change.entry));
  }
  std::move(old, entries.end(), std::back_inserter(merged));
  entries = std::move(merged);
}

constexpr std::size_t kLeafHead = 3;

std::size_t leaf_size(const format::Body& leaf) noexcept {
  std::size_t size = kLeafHead;
  for (const auto& entry : leaf.entries) size += format::entry_size(entry);
  return size;
}

std::size_t leaf_size(std::span<const EntryChange> entries) noexcept {
  std::size_t size = kLeafHead;
  for (const auto& placed : entries) size += format::entry_size(placed.entry);
  return size;
}

struct Group {
  std::uint8_t digit;
  std::span<EntryChange> entries;
};

/// Sorted by path, those that continue with one digit lie side by side.
Group first_group(std::span<EntryChange> entries, std::size_t depth) {
  const auto digit = entries.front().path.digit(depth);
  const auto end = std::ranges::find_if(
      entries, [&](const EntryChange& placed) { return placed.path.digit(depth) != digit; });
  return {digit, entries.first(static_cast<std::size_t>(end - entries.begin()))};
}

}  // namespace

Status TreeWriter::apply(format::Body& top, std::vector<EntryChange> changes) {
  std::ranges::sort(changes, {}, &EntryChange::path);
  return change(top, {}, changes);
}

Status TreeWriter::change(format::Body& body, const format::Digits& digits, Changes changes) {
  if (body.branch) return change_branch(body, digits, changes);
  if (leaf_size(body) + leaf_size(changes) <= format::kSplitAbove)
    merge_entries(body.entries, changes);
  else
    regrow(body, digits, changes);
  return Ok{};
}

Status TreeWriter::change_branch(format::Body& body, const format::Digits& digits, Changes changes) {
  while (!changes.empty()) {
    const auto [digit, group] = first_group(changes, digits.depth);
    TV_TRY(body.children[digit], change_child(body.children[digit], digits.down(digit), group));
    changes = changes.subspan(group.size());
  }
  return Ok{};
}

Result<format::Child> TreeWriter::change_child(const std::optional<format::Child>& child,
                                               const format::Digits& digits, Changes changes) {
  format::Body body;
  if (child) {
    TV_TRY(const auto encoded, nodes_.node(child->pointer, digits));
    TV_TRY(body, format::decode_body(encoded));
  }
  TV_CHECK(change(body, digits, changes));
  // In the order of what replaces them, which a store may make use of.
  if (child) erase.push_back(child->pointer.id);
  return store(body, digits);
}

/// A leaf that may have become too large: its entries get their paths, once each, and take their places.
void TreeWriter::regrow(format::Body& leaf, const format::Digits& digits, Changes changes) {
  std::vector<EntryChange> placed(std::make_move_iterator(changes.begin()),
                                  std::make_move_iterator(changes.end()));
  for (auto& entry : leaf.entries) {
    const format::Path path(nodes_.state().tree_key, entry.name);
    placed.push_back({path, std::move(entry)});
  }
  const auto old = placed.begin() + static_cast<std::ptrdiff_t>(changes.size());
  std::ranges::sort(old, placed.end(), {}, &EntryChange::path);
  // Of two entries of one name the changed one stands first.
  std::ranges::inplace_merge(placed, old, {}, &EntryChange::path);
  const auto same = [](const EntryChange& a, const EntryChange& b) { return a.path == b.path; };
  placed.erase(std::unique(placed.begin(), placed.end(), same), placed.end());
  leaf = grow(placed, digits);
}

format::Body TreeWriter::grow(Changes entries, const format::Digits& digits) {
  format::Body body;
  if (entries.size() < 2 || digits.depth == format::kMaxDepth || leaf_size(entries) <= format::kSplitAbove) {
    merge_entries(body.entries, entries);
    return body;
  }
  body.branch = true;
  while (!entries.empty()) {
    const auto [digit, group] = first_group(entries, digits.depth);
    body.children[digit] = store(grow(group, digits.down(digit)), digits.down(digit));
    entries = entries.subspan(group.size());
  }
  return body;
}

format::Child TreeWriter::store(const format::Body& body, const format::Digits& digits) {
  auto sealed = format::seal_node(node_key_, nodes_.state().header.vault_id, epoch_, digits, body);
  put.push_back(std::move(sealed.blob));
  return {sealed.pointer, body.wake()};
}

}  // namespace tokenvault
