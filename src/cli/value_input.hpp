#pragma once
#include <cstddef>
#include <string_view>

#include "session.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

/// The value to store, from where the request says, checked: 1 byte to 32 KiB, and without oddities unless
/// --binary. Errors: no_key, refused, io.
Result<SecretBuffer> read_value(const Session& session);

/// The same with the size alone checked, for what has to be stored before anything looks at it.
Result<SecretBuffer> read_unseen_value(const Session& session);

/// Whether the request names a source, so that nobody has to be asked.
[[nodiscard]] bool names_source(const ValueFlags& flags) noexcept;

/// What read_value() insists on, and the part of it about the size. Errors: refused.
Status check_value(const SecretBuffer& value, bool binary);
Status check_size(const SecretBuffer& value);
/// What speaks against storing the value without --binary, as the beginning of a line; empty where nothing does: it is
/// printable ASCII without spaces, and not a token of our own form that is damaged. Tokens of others are opaque.
[[nodiscard]] std::string_view oddity_of(const SecretBuffer& value);

}  // namespace tokenvault::cli
