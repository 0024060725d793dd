#pragma once
#include <string_view>

#include "tokenvault/secret.hpp"

namespace tokenvault::orgapi {

/// A new random password of 100 bits, in groups of five letters and digits. Errors: out_of_memory.
Result<SecretBuffer> make_password();

/// The string to keep in place of `password`: Argon2id, its cost, salt and hash. Errors: out_of_memory.
Result<SecretBuffer> hash_password(const SecretBuffer& password);

/// Whether `password` is the one that `kept` was made of. Takes about a twentieth of a second and 64 MiB; the caller
/// lets one at a time in.
[[nodiscard]] bool is_password(std::string_view password, const SecretBuffer& kept) noexcept;

}  // namespace tokenvault::orgapi
