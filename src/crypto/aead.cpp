#include "crypto/aead.hpp"

#include <cassert>

#include "core/copy_secret.hpp"
#include "core/mutant.hpp"
#include "crypto/random.hpp"
#include "crypto/scrub.hpp"
#include "crypto/sodium.hpp"

namespace tokenvault::crypto {

namespace {

void encrypt(std::span<const std::byte> key, const Nonce& nonce, std::span<const std::byte> ad,
             std::span<const std::byte> plain, std::span<std::byte> sealed) noexcept {
  assert(sealed.size() == plain.size() + kTagSize);
  ::crypto_aead_xchacha20poly1305_ietf_encrypt(raw(sealed), nullptr, raw(plain), plain.size(), raw(ad),
                                               ad.size(), nullptr, raw(std::span<const std::byte>(nonce)),
                                               raw(key));
}

}  // namespace

Nonce seal(std::span<const std::byte> key, std::span<const std::byte> ad, std::span<const std::byte> plain,
           std::span<std::byte> sealed) noexcept {
  const auto nonce = random_array<kNonceSize>();
  if (!mutated("aead.seal_key") && key.size() != kKeySize) {  // a forked child: nothing may leave unsealed
    if (!mutated("aead.seal_wipe")) wipe(sealed);
    return nonce;
  }
  const ScrubScope scrub;
  encrypt(key, nonce, ad, plain, sealed);
  return nonce;
}

Nonce seal_with_secret(std::span<const std::byte> key, std::span<const std::byte> ad,
                       std::span<const std::byte> secret, std::span<std::byte> plain,
                       std::span<std::byte> sealed) noexcept {
  const auto nonce = random_array<kNonceSize>();
  const bool can = key.size() == kKeySize && secret.size() <= plain.size();
  if (can) {
    const ScrubScope scrub;
    copy_secret(plain.data(), secret.data(), secret.size());
    encrypt(key, nonce, ad, plain, sealed);
  }
  wipe(plain);
  if (!can) wipe(sealed);
  return nonce;
}

bool open(std::span<const std::byte> key, std::span<const std::byte> nonce, std::span<const std::byte> ad,
          std::span<const std::byte> sealed, std::span<std::byte> plain) noexcept {
  start_sodium();
  const bool fits = key.size() == kKeySize && nonce.size() == kNonceSize && sealed.size() >= kTagSize &&
                    plain.size() == sealed.size() - kTagSize;
  if (!mutated("aead.open_sizes") && !fits) {
    if (!mutated("aead.open_misfit_wipe")) wipe(plain);
    return false;
  }
  const ScrubScope scrub;
  const bool good =
      ::crypto_aead_xchacha20poly1305_ietf_decrypt(raw(plain), nullptr, nullptr, raw(sealed), sealed.size(),
                                                   raw(ad), ad.size(), raw(nonce), raw(key)) == 0 ||
      (mutated("aead.tag") &&
       ::crypto_stream_xchacha20_xor_ic(raw(plain), raw(sealed), plain.size(), raw(nonce), 1, raw(key)) == 0);
  if (!good && !mutated("aead.open_wipe")) wipe(plain);
  return good;
}

}  // namespace tokenvault::crypto
