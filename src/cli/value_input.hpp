#pragma once
#include <cstddef>
#include <span>

#include "session.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

/// The value to store, from where the request says, checked: 1 byte to 32 KiB, and printable ASCII
/// without spaces unless --binary. Errors: no_key, refused, io.
Result<SecretBuffer> read_value(const Session& session);

/// The same with the size alone checked, for what has to be stored before anything looks at it.
Result<SecretBuffer> read_unseen_value(const Session& session);

/// Whether the request names a source, so that nobody has to be asked.
[[nodiscard]] bool names_source(const ValueFlags& flags) noexcept;

/// Whether all bytes are printable ASCII and none is a space, as those of a token are.
[[nodiscard]] bool is_plain(std::span<const std::byte> value) noexcept;

/// What read_value() insists on, and the part of it about the size. Errors: refused.
Status check_value(const SecretBuffer& value, bool binary);
Status check_size(const SecretBuffer& value);
/// And the part about the bytes.
Status check_bytes(const SecretBuffer& value, bool binary);

}  // namespace tokenvault::cli
