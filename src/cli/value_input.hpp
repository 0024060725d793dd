#pragma once
#include "session.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

/// The value to store, from where the request says, checked: 1 byte to 32 KiB, and printable ASCII
/// without spaces unless --binary. Errors: no_key, refused, io.
Result<SecretBuffer> read_value(const Session& session);

}  // namespace tokenvault::cli
