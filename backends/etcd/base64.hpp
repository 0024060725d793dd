#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/store.hpp"

namespace tokenvault::etcd {

/// RFC 4648 section 4, as protobuf's JSON has bytes. Appends to `out`.
void append_base64(std::string& out, BytesView bytes);

/// Strict: padded, no white space. Nothing where `text` is not that.
[[nodiscard]] std::optional<Bytes> decode_base64(std::string_view text);

}  // namespace tokenvault::etcd
