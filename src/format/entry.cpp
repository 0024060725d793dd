#include <algorithm>

#include "format/node.hpp"
#include "tokenvault/name.hpp"

namespace tokenvault::format {

Path::Path(const SecretBuffer& tree_key, std::string_view name) noexcept {
  crypto::hash("tv1 path", tree_key.expose(), {as_bytes(name)}, hash_);
}

bool Digits::leads_to(const Path& path) const noexcept {
  for (std::size_t i = 0; i < depth; ++i)
    if (std::to_integer<std::uint8_t>(digit[i]) != path.digit(i)) return false;
  return true;
}

const Version* Entry::find(Stage stage) const noexcept {
  const auto found = std::ranges::find(versions, stage, &Version::stage);
  return found == versions.end() ? nullptr : &*found;
}

const Version* Entry::find(std::uint32_t number) const noexcept {
  const auto found = std::ranges::find(versions, number, &Version::number);
  return found == versions.end() ? nullptr : &*found;
}

BytesView Entry::field(FieldTag tag) const noexcept {
  const auto found = std::ranges::find(fields, static_cast<std::uint8_t>(tag), &Field::tag);
  return found == fields.end() ? BytesView{} : BytesView(found->bytes);
}

void Entry::set_field(FieldTag tag, BytesView bytes) {
  const auto number = static_cast<std::uint8_t>(tag);
  std::erase_if(fields, [&](const Field& field) { return field.tag == number; });
  if (bytes.empty()) return;
  const auto place = std::ranges::lower_bound(fields, number, {}, &Field::tag);
  fields.insert(place, Field{number, Bytes(bytes.begin(), bytes.end())});
}

/// Another writer's longer form of the field is not for us to judge.
std::optional<Suspect> Entry::suspect() const noexcept {
  Reader in(field(FieldTag::suspect));
  const Suspect suspect{in.u32(), in.u64()};
  return in.failed() ? std::nullopt : std::optional(suspect);
}

void Entry::set_suspect(const Suspect& suspect) {
  Writer out;
  out.u32(suspect.version);
  out.u64(suspect.since);
  set_field(FieldTag::suspect, out.view());
}

std::uint64_t Body::wake() const noexcept {
  std::uint64_t earliest = kNever;
  for (const auto& entry : entries) earliest = std::min(earliest, entry.wake);
  for (const auto& child : children)
    if (child) earliest = std::min(earliest, child->wake);
  return earliest;
}

}  // namespace tokenvault::format
