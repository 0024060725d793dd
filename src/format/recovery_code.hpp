#pragma once
#include "tokenvault/secret.hpp"

namespace tokenvault::format {

/// The code that people write down for a private key: docs/format.md 3.2, 56 characters in 14 groups.
Result<SecretBuffer> encode_recovery(const SecretBuffer& private_key);

/// The private key. Errors: wrong_key for anything that is not such a code.
Result<SecretBuffer> decode_recovery(const SecretBuffer& code);

}  // namespace tokenvault::format
