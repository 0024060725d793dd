#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "place.hpp"

namespace tokenvault::sqlite {

/// Looks at the database and at the three files SQLite keeps beside it before any of them is opened:
/// what others can write would be replayed into the database. Errors: no_vault (absent), and as
/// admit_file.
Status admit_files(const std::string& path);

/// Puts a whole new file of `bytes` at `path`, 0600 whatever the umask, durable; where there is a
/// file already it is left alone. Two processes at once make one. Errors: permission_denied, io.
Status make_file(const std::string& path, std::span<const std::byte> bytes);

}  // namespace tokenvault::sqlite
