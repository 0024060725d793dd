#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "tokenvault/error.hpp"

namespace tokenvault::sqlite {

/// Whether `path` can name a database and the files beside it. Errors: invalid_argument.
Status admit_name(const std::string& path);

/// `path` with its folder's symlinks resolved and its last name as given: SQLITE_OPEN_NOFOLLOW
/// refuses a link anywhere in the path, and we mean the file alone. Never starts with "file:" and is
/// never ":memory:", whatever the name. Errors: invalid_argument (too long), no_vault (no such
/// folder), permission_denied, io.
Result<std::string> resolve(const std::string& path);

/// Looks at the database and at the three files SQLite keeps beside it before any of them is opened:
/// opening a FIFO blocks, and a file others can write would be replayed into the database. Errors:
/// no_vault (absent), refused, permission_denied, io.
Status admit_files(const std::string& path);

/// Puts a whole new file of `bytes` at `path`, 0600 whatever the umask, durable; where there is a
/// file already it is left alone. Two processes at once make one. Errors: permission_denied, io.
Status make_file(const std::string& path, std::span<const std::byte> bytes);

}  // namespace tokenvault::sqlite
