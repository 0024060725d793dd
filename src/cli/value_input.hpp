#pragma once
#include <cstddef>
#include <span>

#include "session.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

/// The value to store, from where the request says, checked: 1 byte to 32 KiB, and printable ASCII
/// without spaces unless --binary. Errors: no_key, refused, io.
Result<SecretBuffer> read_value(const Session& session);

/// Whether all bytes are printable ASCII and none is a space, as those of a token are.
[[nodiscard]] bool is_plain(std::span<const std::byte> value) noexcept;

/// What read_value() insists on. Errors: refused.
Status check_value(const SecretBuffer& value, bool binary);

}  // namespace tokenvault::cli
