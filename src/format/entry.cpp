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

std::string_view Entry::label() const noexcept {
  const auto found = std::ranges::find(fields, static_cast<std::uint8_t>(FieldTag::label), &Field::tag);
  return found == fields.end() ? std::string_view{} : as_text(found->bytes);
}

void Entry::set_label(std::string_view text) {
  const auto tag = static_cast<std::uint8_t>(FieldTag::label);
  std::erase_if(fields, [&](const Field& field) { return field.tag == tag; });
  if (text.empty()) return;
  const auto bytes = as_bytes(text);
  const auto place = std::ranges::lower_bound(fields, tag, {}, &Field::tag);
  fields.insert(place, Field{tag, Bytes(bytes.begin(), bytes.end())});
}

std::uint64_t Body::wake() const noexcept {
  std::uint64_t earliest = kNever;
  for (const auto& entry : entries) earliest = std::min(earliest, entry.wake);
  for (const auto& child : children)
    if (child) earliest = std::min(earliest, child->wake);
  return earliest;
}

}  // namespace tokenvault::format
