#include "container.hpp"

#include "core/bytes.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"

namespace tokenvault {
namespace {

constexpr std::string_view kMagic("TVAULT\0\1", 8);
constexpr std::size_t kName = 6;  // of the magic, the rest is the version
constexpr std::size_t kBlobHead = 24 + 4;

Error broken_container(const char* what) { return {Errc::tampered, std::string("vault container: ") + what}; }

Status check_magic(BytesView bytes) {
  const auto start = as_text(bytes.first(std::min(bytes.size(), kMagic.size())));
  if (start == kMagic || mutated("container.magic")) return Ok{};
  if (start.size() == kMagic.size() && start.starts_with(kMagic.substr(0, kName)))
    return Error(Errc::unsupported, "vault container: a newer tokenvault wrote it");
  return broken_container("it is none");
}

Result<Blob> parse_blob(Reader& in) {
  Blob blob{BlobId{in.array<24>()}, {}};
  const std::size_t length = in.u32();
  if (!mutated("container.blob_size") && (length == 0 || length > kMaxBlobSize))
    return broken_container("a blob is over its limit or empty");
  const auto bytes = in.take(length);
  if (!mutated("container.blob_cut") && in.failed()) return broken_container("it is cut short");
  blob.bytes.assign(bytes.begin(), bytes.end());
  return blob;
}

}  // namespace

std::size_t Container::size() const noexcept {
  std::size_t size = root.size();
  for (const auto& [id, bytes] : blobs) size += kBlobHead + bytes.size();
  return size;
}

Result<std::size_t> root_size(BytesView bytes) {
  constexpr std::size_t kIdGenerationEpoch = 16 + 8 + 4, kSlotId = 8, kMac = 32, kNonce = 24;
  TV_CHECK(check_magic(bytes));
  Reader in(bytes);
  in.take(kMagic.size() + kIdGenerationEpoch);
  for (int slots = in.u8(); slots > 0; --slots) {
    in.u8();
    const std::size_t body = in.u16();
    in.take(kSlotId + body);
  }
  in.take(in.u16());
  in.take(kMac + kNonce);
  in.take(in.u32());
  if (!mutated("container.root") && (in.failed() || in.offset() > kMaxRootSize))
    return broken_container("its root is cut short or over its limit");
  return in.offset();
}

Bytes encode(const Container& container) {
  Writer out;
  out.reserve(container.size());
  out.raw(container.root);
  for (const auto& [id, bytes] : container.blobs) {
    out.raw(id.bytes);
    out.u32(static_cast<std::uint32_t>(bytes.size()));
    out.raw(bytes);
  }
  return out.take();
}

Result<Container> parse_container(BytesView bytes) {
  TV_TRY(const auto size, root_size(bytes));
  Container container;
  container.root.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  for (Reader in(bytes.subspan(size)); !in.done();) {
    TV_TRY(auto blob, parse_blob(in));
    if (!mutated("container.order") && !container.blobs.empty() && blob.id <= container.blobs.rbegin()->first)
      return broken_container("its blobs are out of order");
    container.blobs.emplace_hint(container.blobs.end(), blob.id, std::move(blob.bytes));
  }
  return container;
}

}  // namespace tokenvault
