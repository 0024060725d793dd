#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/store.hpp"

namespace tokenvault {

/// RFC 4648 section 5 without padding. For ciphertext: its time depends on the bytes.
[[nodiscard]] std::string base64url_encode(BytesView bytes);

/// Strict: no padding, no white space, no other letter, and the last one has no bits to spare.
[[nodiscard]] std::optional<Bytes> base64url_decode(std::string_view text);

}  // namespace tokenvault
