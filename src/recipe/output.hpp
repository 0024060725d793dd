#pragma once
#include <string_view>

namespace tokenvault::recipe {

/// Writes all of `bytes` to `fd`; false where that fails.
[[nodiscard]] bool write_all(int fd, std::string_view bytes) noexcept;

}  // namespace tokenvault::recipe
