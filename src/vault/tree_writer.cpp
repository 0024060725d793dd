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

std::size_t leaf_size(const format::Body& leaf) noexcept {
  std::size_t size = 3;
  for (const auto& entry : leaf.entries) size += format::entry_size(entry);
  return size;
}

}  // namespace

Status TreeWriter::apply(format::Body& top, std::vector<EntryChange> changes) {
  std::ranges::sort(changes, {}, &EntryChange::path);
  return change(top, {}, changes);
}

Status TreeWriter::change(format::Body& body, const format::Digits& digits, Changes changes) {
  if (body.branch) return change_branch(body, digits, changes);
  merge_entries(body.entries, changes);
  return split_if_large(body, digits);
}

/// Sorted by path, the changes of one child lie side by side.
Status TreeWriter::change_branch(format::Body& body, const format::Digits& digits, Changes changes) {
  while (!changes.empty()) {
    const auto digit = changes.front().path.digit(digits.depth);
    const auto end = std::ranges::find_if(
        changes, [&](const EntryChange& change) { return change.path.digit(digits.depth) != digit; });
    const auto group = changes.first(static_cast<std::size_t>(end - changes.begin()));
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

Status TreeWriter::split_if_large(format::Body& body, const format::Digits& digits) {
  if (body.entries.size() < 2 || digits.depth == format::kMaxDepth || leaf_size(body) <= format::kSplitAbove)
    return Ok{};
  return split(body, digits);
}

Status TreeWriter::split(format::Body& leaf, const format::Digits& digits) {
  std::array<format::Body, format::kFanOut> parts;
  for (auto& entry : leaf.entries) {
    const format::Path path(nodes_.state().tree_key, entry.name);
    parts[path.digit(digits.depth)].entries.push_back(std::move(entry));
  }
  leaf.entries.clear();
  leaf.branch = true;
  for (std::uint8_t i = 0; i < format::kFanOut; ++i) {
    if (parts[i].entries.empty()) continue;
    TV_CHECK(split_if_large(parts[i], digits.down(i)));
    leaf.children[i] = store(parts[i], digits.down(i));
  }
  return Ok{};
}

format::Child TreeWriter::store(const format::Body& body, const format::Digits& digits) {
  auto sealed = format::seal_node(node_key_, nodes_.state().header.vault_id, epoch_, digits, body);
  put.push_back(std::move(sealed.blob));
  return {sealed.pointer, body.wake()};
}

}  // namespace tokenvault
