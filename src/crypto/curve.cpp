#include "crypto/curve.hpp"

#include "core/mutant.hpp"
#include "crypto/scrub.hpp"
#include "crypto/sodium.hpp"

namespace tokenvault::crypto {

void public_key(std::span<const std::byte> private_key, std::span<std::byte> out) noexcept {
  start_sodium();
  if (private_key.size() != crypto_scalarmult_SCALARBYTES) return wipe(out);
  const ScrubScope scrub;
  ::crypto_scalarmult_base(raw(out), raw(private_key));
}

bool shared_secret(std::span<const std::byte> private_key, std::span<const std::byte> public_key,
                   std::span<std::byte> out) noexcept {
  start_sodium();
  if (!mutated("curve.sizes") &&
      (private_key.size() != crypto_scalarmult_SCALARBYTES || public_key.size() != crypto_scalarmult_BYTES))
    return false;
  const ScrubScope scrub;
  return ::crypto_scalarmult(raw(out), raw(private_key), raw(public_key)) == 0 || mutated("curve.low_order");
}

}  // namespace tokenvault::crypto
