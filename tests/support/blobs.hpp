#pragma once
#include <cstdint>
#include <string_view>

#include "core/bytes.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault::test {

inline Bytes bytes_of(std::string_view text) {
  const auto view = as_bytes(text);
  return {view.begin(), view.end()};
}

/// Ids that differ in their last bytes only and ascend with `number`.
inline BlobId id_of(std::uint32_t number) {
  BlobId id;
  for (std::size_t i = 0; i < 4; ++i) id.bytes[23 - i] = static_cast<std::byte>(number >> (8 * i));
  return id;
}

inline Blob blob_of(std::uint32_t number, std::string_view text) { return {id_of(number), bytes_of(text)}; }

/// Commits, owning what it commits.
inline Result<Revision> commit_to(Store& store, Revision expected, std::string_view root,
                                  const std::vector<Blob>& put = {}, const std::vector<BlobId>& erase = {}) {
  return store.commit({.expected = expected, .root = as_bytes(root), .put = put, .erase = erase});
}

}  // namespace tokenvault::test
