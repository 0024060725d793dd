#pragma once
#include <string_view>

namespace tokenvault {

/// Whether all of `text` is UTF-8 (RFC 3629: shortest forms, no surrogates) without control
/// characters: C0, DEL, C1.
bool is_plain_text(std::string_view text) noexcept;

}  // namespace tokenvault
