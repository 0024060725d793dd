#include <algorithm>

#include "core/mutant.hpp"
#include "core/try.hpp"
#include "core/utf8.hpp"
#include "format/node.hpp"
#include "tokenvault/name.hpp"

namespace tokenvault::format {
namespace {

constexpr std::size_t kVersionSize = 4 + 1 + 8 + 8 + kPointerSize;
constexpr std::uint8_t kRemoved = 1, kDestroyed = 2;
constexpr std::uint8_t kLeaf = 0, kBranch = 1;

Error broken_tree(const char* what) { return {Errc::tampered, std::string("vault tree: ") + what}; }

void write_entry(Writer& out, const Entry& entry) {
  out.u8(static_cast<std::uint8_t>(entry.name.size()));
  out.text(entry.name);
  out.u8(static_cast<std::uint8_t>((entry.removed ? kRemoved : 0) | (entry.destroyed ? kDestroyed : 0)));
  out.u32(entry.last);
  out.u64(entry.wake);
  out.u8(static_cast<std::uint8_t>(entry.fields.size()));
  for (const auto& field : entry.fields) {
    out.u8(field.tag);
    out.u16(static_cast<std::uint16_t>(field.bytes.size()));
    out.raw(field.bytes);
  }
  out.u16(static_cast<std::uint16_t>(entry.versions.size()));
  for (const auto& version : entry.versions) {
    out.u32(version.number);
    out.u8(static_cast<std::uint8_t>(version.stage));
    out.u64(version.created);
    out.u64(version.expires);
    write_pointer(out, version.record);
  }
}

void write_child(Writer& out, const Child& child) {
  write_pointer(out, child.pointer);
  out.u64(child.wake);
}

Child read_child(Reader& in) noexcept {
  const auto pointer = read_pointer(in);
  return {pointer, in.u64()};
}

/// An entry's borders and plain parts, nothing copied.
struct EntryView {
  std::string_view name;
  std::uint8_t flags = 0;
  std::uint32_t last = 0;
  std::uint64_t wake = 0;
  std::uint8_t field_count = 0;
  BytesView fields;
  BytesView versions;
};

EntryView read_entry(Reader& in) noexcept {
  EntryView view;
  view.name = as_text(in.take(in.u8()));
  view.flags = in.u8();
  view.last = in.u32();
  view.wake = in.u64();
  view.field_count = in.u8();
  const auto from = in.rest();
  for (int i = 0; i < view.field_count && !in.failed(); ++i) {
    in.u8();
    in.take(in.u16());
  }
  view.fields = from.first(from.size() - in.rest().size());
  view.versions = in.take(in.u16() * kVersionSize);
  return view;
}

Status take_fields(const EntryView& view, Entry& entry) {
  Reader in(view.fields);
  int previous = -1;
  for (int i = 0; i < view.field_count; ++i) {
    const auto tag = in.u8();
    const auto bytes = in.take(in.u16());
    if (!mutated("body.field_order") && tag <= previous) return broken_tree("fields out of order");
    const bool label = tag == static_cast<std::uint8_t>(FieldTag::label);
    if (!mutated("body.label") && label && (bytes.size() > kMaxLabelSize || !is_plain_text(as_text(bytes))))
      return broken_tree("not a label");
    previous = tag;
    entry.fields.push_back({tag, Bytes(bytes.begin(), bytes.end())});
  }
  return Ok{};
}

Status take_versions(const EntryView& view, Entry& entry) {
  Reader in(view.versions);
  std::array<int, 5> of_stage{};
  std::uint32_t previous = 0;
  for (std::size_t n = view.versions.size() / kVersionSize; n > 0; --n) {
    Version version;
    version.number = in.u32();
    const auto stage = in.u8();
    version.created = in.u64();
    version.expires = in.u64();
    version.record = read_pointer(in);
    if (!mutated("body.version_order") && (version.number <= previous || version.number > view.last))
      return broken_tree("version numbers");
    if (!mutated("body.stage_range") && (stage < 1 || stage > 4)) return broken_tree("unknown stage");
    if (!mutated("body.one_in_stage") && stage < 4 && ++of_stage[stage] > 1)
      return broken_tree("two versions in one stage");
    version.stage = static_cast<Stage>(stage);
    previous = version.number;
    entry.versions.push_back(version);
  }
  return Ok{};
}

/// A removed or destroyed token asks for nobody's attention.
bool sleeps_too_long(const Entry& entry) noexcept {
  const auto* current = entry.find(Stage::current);
  return entry.listed() && current != nullptr && current->expires != 0 && entry.wake > current->expires;
}

Result<Entry> take_entry(const EntryView& view) {
  if (!mutated("body.name") && !check_name(view.name)) return broken_tree("not a name");
  if (!mutated("body.flags") && view.flags > kDestroyed) return broken_tree("unknown flags");
  if (!mutated("body.counter") && view.last == 0) return broken_tree("version counter");
  const bool destroyed = view.flags == kDestroyed;
  if (!mutated("body.destroyed") && destroyed != view.versions.empty())
    return broken_tree("versions of a destroyed token");
  Entry entry;
  entry.name = view.name;
  entry.removed = view.flags == kRemoved;
  entry.destroyed = destroyed;
  entry.last = view.last;
  entry.wake = view.wake;
  TV_CHECK(take_fields(view, entry));
  TV_CHECK(take_versions(view, entry));
  if (!mutated("body.wake") && sleeps_too_long(entry)) return broken_tree("a token's wake after it expires");
  return entry;
}

/// Calls visit(view) for each entry of a leaf in order, until it says stop by returning false.
template <typename Visit>
Status each_entry(Reader& in, Visit&& visit) {
  std::string_view previous;
  for (std::size_t n = in.u16(); n > 0; --n) {
    const auto before = in.offset();
    const auto view = read_entry(in);
    if (!mutated("body.cut") && in.failed()) return broken_tree("cut short");
    if (!mutated("body.entry_size") && in.offset() - before > kMaxEntrySize)
      return broken_tree("entry too long");
    if (!mutated("body.name_order") && view.name <= previous) return broken_tree("names out of order");
    previous = view.name;
    TV_TRY(const bool more, visit(view));
    if (!more) return Ok{};
  }
  if (!mutated("body.leaf_end") && !in.done()) return broken_tree("bytes after the end");
  return Ok{};
}

Status decode_children(Reader& in, Body& body) {
  const auto present = in.u16();
  if (!mutated("body.no_children") && present == 0) return broken_tree("branch without children");
  for (std::size_t i = 0; i < kFanOut; ++i)
    if ((present >> i & 1) != 0) body.children[i] = read_child(in);
  if (!mutated("body.branch_end") && !in.done()) return broken_tree("length of a branch");
  return Ok{};
}

std::optional<Child> pick_child(Reader& in, std::uint8_t digit) noexcept {
  const auto present = in.u16();
  if ((present >> digit & 1) == 0) return std::nullopt;
  for (int i = 0; i < digit; ++i)
    if ((present >> i & 1) != 0) in.take(kPointerSize + 8);
  return read_child(in);
}

}  // namespace

std::size_t entry_size(const Entry& entry) noexcept {
  std::size_t size = 1 + entry.name.size() + 1 + 4 + 8 + 1 + 2 + entry.versions.size() * kVersionSize;
  for (const auto& field : entry.fields) size += 3 + field.bytes.size();
  return size;
}

Bytes encode_body(const Body& body) {
  Writer out;
  out.u8(body.branch ? kBranch : kLeaf);
  if (!body.branch) {
    out.u16(static_cast<std::uint16_t>(body.entries.size()));
    for (const auto& entry : body.entries) write_entry(out, entry);
    return out.take();
  }
  std::uint16_t present = 0;
  for (std::size_t i = 0; i < kFanOut; ++i)
    if (body.children[i]) present = static_cast<std::uint16_t>(present | 1U << i);
  out.u16(present);
  for (const auto& child : body.children)
    if (child) write_child(out, *child);
  return out.take();
}

Result<Body> decode_body(BytesView encoded) {
  Reader in(encoded);
  Body body;
  const auto kind = in.u8();
  if (!mutated("body.kind") && (in.failed() || kind > kBranch)) return broken_tree("unknown kind of node");
  body.branch = kind == kBranch;
  if (body.branch) {
    TV_CHECK(decode_children(in, body));
    return body;
  }
  TV_CHECK(each_entry(in, [&](const EntryView& view) -> Result<bool> {
    TV_TRY(auto entry, take_entry(view));
    body.entries.push_back(std::move(entry));
    return true;
  }));
  return body;
}

Result<Found> find_in_body(BytesView encoded, std::string_view name, std::uint8_t digit) {
  Reader in(encoded);
  Found found;
  const auto kind = in.u8();
  if (!mutated("body.find_kind") && (in.failed() || kind > kBranch))
    return broken_tree("unknown kind of node");
  if (kind == kBranch) {
    found.child = pick_child(in, digit);
    if (!mutated("body.pick_cut") && in.failed()) return broken_tree("length of a branch");
    return found;
  }
  TV_CHECK(each_entry(in, [&](const EntryView& view) -> Result<bool> {
    if (view.name != name) return view.name < name;
    TV_TRY(auto entry, take_entry(view));
    found.entry = std::move(entry);
    return false;
  }));
  return found;
}

}  // namespace tokenvault::format
