#include "password.hpp"

#include <sodium.h>

#include <array>
#include <cstring>

namespace tokenvault::orgapi {
namespace {

constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";  // none that looks like another
constexpr std::size_t kGroups = 4, kGroup = 5;

char* characters(SecretBuffer& buffer) {
  return static_cast<char*>(static_cast<void*>(buffer.expose_writable().data()));
}

const char* characters(const SecretBuffer& buffer) {
  return static_cast<const char*>(static_cast<const void*>(buffer.expose().data()));
}

}  // namespace

Result<SecretBuffer> make_password() {
  auto made = SecretBuffer::allocate(kGroups * (kGroup + 1) - 1);
  if (!made) return made;
  auto* at = characters(*made);
  for (std::size_t i = 0; i < made->size(); ++i) {
    const auto drawn = randombytes_uniform(static_cast<std::uint32_t>(kLetters.size()));
    at[i] = i % (kGroup + 1) == kGroup ? '-' : kLetters[drawn];
  }
  return made;
}

Result<SecretBuffer> hash_password(const SecretBuffer& password) {
  auto kept = SecretBuffer::allocate(crypto_pwhash_STRBYTES);
  if (!kept) return kept;
  if (crypto_pwhash_str(characters(*kept), characters(password), password.size(),
                        crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    return Error(Errc::out_of_memory, "hash the password: it takes 64 MiB of memory");
  }
  kept->truncate(std::strlen(characters(*kept)));
  return kept;
}

bool is_password(std::string_view password, const SecretBuffer& kept) noexcept {
  // The string ends with a zero here, whoever wrote it.
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (kept.size() >= text.size()) return false;
  std::memcpy(text.data(), characters(kept), kept.size());
  // libsodium wants a place for no bytes too.
  return crypto_pwhash_str_verify(text.data(), password.empty() ? "" : password.data(), password.size()) == 0;
}

}  // namespace tokenvault::orgapi
