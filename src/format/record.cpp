#include "format/record.hpp"

#include "core/mutant.hpp"
#include "core/secret_access.hpp"
#include "core/try.hpp"

namespace tokenvault::format {
namespace {

using RecordAd = FixedWriter<16 + 4 + 4 + 1 + 255>;

RecordAd record_ad(const VaultId& vault, const RecordPlace& place) noexcept {
  RecordAd ad;
  ad.raw(vault).u32(place.epoch);
  if (mutated("record.place")) return ad;
  ad.u32(place.version);
  ad.u8(static_cast<std::uint8_t>(place.name.size())).raw(as_bytes(place.name));
  return ad;
}

Error broken_record() { return {Errc::tampered, "a token's record is not what the vault sealed"}; }

}  // namespace

void write_pointer(Writer& out, const Pointer& pointer) {
  out.raw(pointer.id.bytes);
  out.u32(pointer.epoch);
  out.raw(pointer.digest);
}

Pointer read_pointer(Reader& in) noexcept {
  Pointer pointer;
  pointer.id.bytes = in.array<24>();
  pointer.epoch = in.u32();
  pointer.digest = in.array<32>();
  return pointer;
}

SealedBlob seal_record(const SecretBuffer& key, const VaultId& vault, const RecordPlace& place,
                       const SecretBuffer& value) {
  const auto padded = SecretAccess::padded(value);
  SealedBlob made;
  made.blob.bytes.resize(padded.size() + crypto::kTagSize);
  made.blob.id.bytes = crypto::seal(key.expose(), record_ad(vault, place).view(), padded, made.blob.bytes);
  made.pointer = {made.blob.id, place.epoch, crypto::digest("", made.blob.bytes)};
  return made;
}

Result<SecretBuffer> open_record(const SecretBuffer& key, const VaultId& vault, const RecordPlace& place,
                                 BytesView id, BytesView sealed) {
  constexpr auto kBlock = SecretAccess::kPadBlock;
  if (!mutated("record.size") && (sealed.size() < kBlock + crypto::kTagSize ||
                                  sealed.size() > kMaxSecretSize + kBlock + crypto::kTagSize))
    return broken_record();
  const std::size_t plain_size = sealed.size() - crypto::kTagSize;
  if (!mutated("record.blocks") && plain_size % kBlock != 0) return broken_record();
  TV_TRY(auto value, SecretAccess::allocate_padded(plain_size));
  const auto plain = SecretAccess::padded_writable(value);
  if (!crypto::open(key.expose(), id, record_ad(vault, place).view(), sealed, plain) &&
      !mutated("record.tag"))
    return broken_record();
  if ((!SecretAccess::unpad(value) || value.empty() || value.size() > kMaxSecretSize) &&
      !mutated("record.value"))
    return broken_record();
  return value;
}

Status check_digest(const Pointer& pointer, BytesView blob) {
  if ((mutated("record.blob_size") || blob.size() <= kMaxBlobSize) &&
      (mutated("record.digest") || crypto::digest("", blob) == pointer.digest))
    return Ok{};
  return Error(Errc::tampered, "a stored blob is not the one the vault points to");
}

}  // namespace tokenvault::format
