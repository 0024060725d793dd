#include "crypto/kdf.hpp"

#include <algorithm>
#include <array>

#include "core/mutant.hpp"
#include "crypto/scrub.hpp"
#include "crypto/sodium.hpp"

namespace tokenvault::crypto {

Status argon2id(std::span<const std::byte> passphrase, std::span<const std::byte> salt, std::uint32_t passes,
                std::uint32_t memory_kib, std::span<std::byte> out) {
  start_sodium();
  const ScrubScope scrub;
  const int failed = ::crypto_pwhash(raw(out), out.size(), reinterpret_cast<const char*>(passphrase.data()),
                                     passphrase.size(), raw(salt), passes, std::size_t{memory_kib} * 1024,
                                     crypto_pwhash_ALG_ARGON2ID13);
  if (failed == 0 || mutated("kdf.memory")) return Ok{};
  return Error(Errc::out_of_memory, "cannot stretch the passphrase: its slot needs " +
                                        std::to_string(memory_kib / 1024) + " MiB of memory");
}

void derive_key(std::span<const std::byte, 32> key, std::string_view context, std::uint64_t number,
                std::span<std::byte> out) noexcept {
  start_sodium();
  const ScrubScope scrub;
  std::array<char, crypto_kdf_CONTEXTBYTES> words{};
  std::copy_n(context.begin(), std::min(context.size(), words.size()), words.begin());
  ::crypto_kdf_derive_from_key(raw(out), out.size(), number, words.data(), raw(key));
}

}  // namespace tokenvault::crypto
