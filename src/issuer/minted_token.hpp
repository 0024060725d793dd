#pragma once
#include <string>
#include <string_view>

#include "crypto/hash.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault::issuer {

/// A new token and its public name.
struct MintedToken {
  SecretBuffer token;
  std::string id;
};

/// Draws one. Errors: out_of_memory.
Result<MintedToken> mint(std::string_view prefix);

/// The key of all hashes, from the one that the caller keeps: 32 bytes. Errors: out_of_memory.
Result<SecretBuffer> hash_key_of(const SecretBuffer& master);

/// What is kept of a token: BLAKE2b-256 under the hash key, without a person string.
crypto::Digest verifier_of(std::string_view token, const SecretBuffer& hash_key) noexcept;

/// Tells one hash key from another, and nothing about it.
crypto::Digest mark_of(const SecretBuffer& hash_key) noexcept;

}  // namespace tokenvault::issuer
