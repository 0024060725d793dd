#pragma once
#include <cstddef>
#include <string_view>

#include "tokenvault/error.hpp"

namespace tokenvault {

inline constexpr std::size_t kMaxNameSize = 255;  // bytes

/// Whether `name` can name a token: UTF-8, 1 to 255 bytes, one or more segments split by '/', none
/// empty, "." or "..", no control characters (C0, DEL, C1). Never allocates on success; thread-safe.
/// Errors: invalid_argument, with a message that says which rule, never echoing the bytes.
TOKENVAULT_API Status check_name(std::string_view name);

}  // namespace tokenvault
