#pragma once
#include <map>

#include "tokenvault/store.hpp"

namespace tokenvault {

/// A vault in one piece, as a file or a variable keeps it (docs/format.md section 6): the root, then
/// `id 24 | length u32 | bytes` for each blob, ids ascending.
struct Container {
  Bytes root;
  std::map<BlobId, Bytes> blobs;

  /// Of the encoded form, in bytes.
  [[nodiscard]] std::size_t size() const noexcept;
};

/// Where the root at the beginning of `bytes` ends, by the lengths in it; what else it says is not for a
/// backend to judge. Errors: unsupported (another version's), tampered (no root, or cut short).
Result<std::size_t> root_size(BytesView bytes);

Bytes encode(const Container& container);

/// Errors: unsupported, tampered.
Result<Container> parse_container(BytesView bytes);

}  // namespace tokenvault
