#pragma once
#include <string>
#include <string_view>

#include "tokenvault/error.hpp"

namespace tokenvault::recipe {

inline constexpr std::size_t kMaxDocument = 64 * 1024;  // bytes of a request, a recipe or an answer

/// Reads `fd`, called `what` in errors, to its end. Not for secrets.
/// Errors: refused (more than kMaxDocument bytes), io.
Result<std::string> read_all(int fd, std::string_view what);

}  // namespace tokenvault::recipe
