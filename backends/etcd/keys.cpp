#include "etcd/keys.hpp"

#include "core/hex.hpp"

namespace tokenvault::etcd {

std::string Keys::blob(const BlobId& id) const { return blobs() + to_hex(id.bytes); }

std::optional<BlobId> Keys::blob_of(std::string_view key) const {
  const auto folder = blobs();
  BlobId id;
  if (!key.starts_with(folder) || !from_hex(key.substr(folder.size()), id.bytes)) return std::nullopt;
  // There is one key for each id: other ways to write its digits are somebody else's.
  return blob(id) == key ? std::optional(id) : std::nullopt;
}

std::string end_of(std::string prefix) {
  ++prefix.back();
  return prefix;
}

}  // namespace tokenvault::etcd
