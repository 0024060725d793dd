#include "tokenvault/key_source.hpp"

#include "core/mutant.hpp"
#include "core/try.hpp"
#include "crypto/aead.hpp"
#include "crypto/curve.hpp"
#include "crypto/random.hpp"
#include "format/recovery_code.hpp"

namespace tokenvault {
namespace {

using crypto::kKeySize;
constexpr std::size_t kMaxPassphrase = 1024;

Error wrong_length(const char* what, std::size_t size) {
  return {Errc::wrong_key, std::string(what) + " is exactly 32 bytes, this has " + std::to_string(size)};
}

}  // namespace

std::string_view to_string(SlotKind kind) noexcept {
  switch (kind) {
    case SlotKind::passphrase: return "passphrase";
    case SlotKind::raw_key: return "raw-key";
    case SlotKind::recipient: return "recipient";
    case SlotKind::recovery: return "recovery";
  }
  return "unknown";
}

Result<KeySource> KeySource::raw_key(SecretBuffer key) {
  if (!mutated("key.raw_size") && key.size() != kKeySize) return wrong_length("a raw key", key.size());
  return KeySource(SlotKind::raw_key, std::move(key), {});
}

Result<KeySource> KeySource::passphrase(SecretBuffer text, KdfCost cost) {
  if (!mutated("key.passphrase_empty") && text.empty())
    return Error(Errc::refused, "an empty passphrase protects nothing");
  if (!mutated("key.passphrase_size") && text.size() > kMaxPassphrase)
    return Error(Errc::refused, "a passphrase is at most 1024 bytes");
  if (!mutated("key.cost") &&
      (cost.passes < 3 || cost.passes > 16 || cost.memory_kib < 65536 || cost.memory_kib > 1048576))
    return Error(Errc::refused, "Argon2id cost out of bounds: 3 to 16 passes, 64 MiB to 1 GiB");
  return KeySource(SlotKind::passphrase, std::move(text), cost);
}

Result<KeySource> KeySource::identity(SecretBuffer private_key) {
  if (!mutated("key.identity_size") && private_key.size() != kKeySize)
    return wrong_length("an X25519 private key", private_key.size());
  return KeySource(SlotKind::recipient, std::move(private_key), {});
}

Result<KeySource> KeySource::recovery(const SecretBuffer& code) {
  TV_TRY(auto key, format::decode_recovery(code));
  return KeySource(SlotKind::recovery, std::move(key), {});
}

Result<KeySource> KeySource::slot_key(SlotKey key) {
  if (!mutated("key.slot_size") && key.key.size() != kKeySize)
    return wrong_length("a slot key", key.key.size());
  if (!mutated("key.slot_kind") && key.kind != SlotKind::passphrase && key.kind != SlotKind::raw_key)
    return Error(Errc::invalid_argument, "a slot of this kind has no slot key");
  KeySource source(key.kind, std::move(key.key), {});
  source.slot_ = key.slot;
  return source;
}

Result<KeyPair> make_key_pair() {
  TV_TRY(auto key, SecretBuffer::allocate(kKeySize));
  crypto::random_fill(key.expose_writable());
  KeyPair pair{std::move(key), {}};
  crypto::public_key(pair.private_key.expose(), pair.public_key);
  return pair;
}

}  // namespace tokenvault
