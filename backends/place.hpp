#pragma once
#include <sys/stat.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "tokenvault/error.hpp"

namespace tokenvault {

/// Whether `path` can name a vault's file with others beside it, whose names are longer. Errors:
/// invalid_argument.
Status admit_name(const std::string& path);

/// `path` with its folder's symlinks resolved and its last name as given: the file itself must be no link.
/// Errors: invalid_argument (too long), no_vault (no such folder), permission_denied, io.
Result<std::string> resolve(const std::string& path);

/// Whether what was seen at `path` is a file of ours. Errors: refused, as admit_file().
Status admit_kind(const std::string& path, const struct stat& seen);

/// Looks at one file before it is opened: opening a FIFO blocks, and what others can write is not ours.
/// False where there is none. Errors: refused (not a regular file, a link, one of two names, another
/// user's, writable by others), permission_denied, io.
Result<bool> admit_file(const std::string& path);

/// The folder of `path`: "." where it has none.
[[nodiscard]] std::string folder_of(const std::string& path);

/// A system call on `path` failed with `error`: permission_denied, `absent`, or io.
[[nodiscard]] Error place_error(Errc absent, std::string_view action, const std::string& path, int error);

/// There is something at `path` that we will not open.
[[nodiscard]] Error refused_place(const std::string& path, std::string_view why);

}  // namespace tokenvault
