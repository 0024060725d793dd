#pragma once
#include <cstdint>
#include <string>
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

/// What a root is to a backend that keeps all in one piece: lengths that lead to its end, here with no slot
/// and no history, and `text` where the top node would be.
inline constexpr std::size_t kRootShell = 99;
inline Bytes root_of(std::string_view text) {
  constexpr std::size_t kIdGenerationEpoch = 28, kMacNonce = 56;
  Writer out;
  out.text(std::string_view("TVAULT\0\1", 8));
  out.raw(Bytes(kIdGenerationEpoch));
  out.u8(0);
  out.u16(0);
  out.raw(Bytes(kMacNonce));
  out.u32(static_cast<std::uint32_t>(text.size()));
  out.text(text);
  return out.take();
}
inline std::string text_of_root(BytesView root) {
  return root.size() < kRootShell ? "no root" : std::string(as_text(root.subspan(kRootShell)));
}

/// Commits a root of that text, owning what it commits; nothing at all where the text is empty.
inline Result<Revision> commit_to(Store& store, Revision expected, std::string_view root,
                                  const std::vector<Blob>& put = {}, const std::vector<BlobId>& erase = {}) {
  const auto bytes = root.empty() ? Bytes() : root_of(root);
  return store.commit({.expected = expected, .root = bytes, .put = put, .erase = erase});
}

}  // namespace tokenvault::test
