#include "support/flat_container.hpp"

#include "core/try.hpp"

namespace tokenvault::test {
namespace {

Error broken(const char* what) { return {Errc::tampered, std::string("container: ") + what}; }

/// Where the root ends, by its lengths alone.
std::size_t root_size(BytesView container) {
  constexpr std::size_t kFixed = 8 + 16 + 8 + 4, kSlotId = 8, kMac = 32, kNonce = 24;
  Reader in(container);
  in.take(kFixed);
  for (int slots = in.u8(); slots > 0; --slots) {
    in.u8();
    const std::size_t body = in.u16();
    in.take(kSlotId + body);
  }
  in.take(in.u16());
  in.take(kMac + kNonce);
  in.take(in.u32());
  return in.failed() ? container.size() : in.offset();
}

bool is_ours(BytesView container) {
  constexpr std::string_view kMagic("TVAULT\0\1", 8);
  return as_text(container).starts_with(kMagic);
}

}  // namespace

Result<Dump> from_one_piece(BytesView container) {
  Dump dump;
  const auto size = is_ours(container) ? root_size(container) : container.size();
  dump.root.assign(container.begin(), container.begin() + static_cast<std::ptrdiff_t>(size));
  for (Reader in(container.subspan(size)); !in.done();) {
    const BlobId id{in.array<24>()};
    const std::size_t length = in.u32();
    if (length > kMaxBlobSize) return broken("a blob over its limit");
    const auto bytes = in.take(length);
    if (in.failed()) return broken("a blob cut short");
    if (!dump.blobs.empty() && id <= dump.blobs.rbegin()->first) return broken("ids not ascending");
    dump.blobs.emplace(id, Bytes(bytes.begin(), bytes.end()));
  }
  return dump;
}

Result<Bytes> LawlessStore::get(const BlobId& id) {
  const auto found = dump_.blobs.find(id);
  if (found == dump_.blobs.end()) return Error(Errc::not_found, "no such blob");
  return found->second;
}

Result<std::vector<BlobId>> LawlessStore::list(const std::optional<BlobId>& after, std::size_t limit) {
  std::vector<BlobId> ids;
  for (auto at = after ? dump_.blobs.upper_bound(*after) : dump_.blobs.begin();
       at != dump_.blobs.end() && ids.size() < limit; ++at)
    ids.push_back(at->first);
  return ids;
}

std::unique_ptr<Store> store_of(Dump dump) {
  const bool lawful = std::ranges::none_of(dump.blobs, [](const auto& blob) { return blob.second.empty(); });
  return lawful ? dump.store() : std::make_unique<LawlessStore>(std::move(dump));
}

}  // namespace tokenvault::test
