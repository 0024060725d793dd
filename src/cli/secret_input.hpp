#pragma once
#include <string>

#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

inline constexpr std::size_t kMaxPassphraseInput = 1024 + 2;  // and a line end

/// Everything a descriptor of the caller's gives, which is then closed unless it is a standard one.
/// Errors: no_key (not open), refused (more than `limit`), io.
Result<SecretBuffer> read_descriptor(int fd, std::size_t limit);

/// Whether an open file is regular, of this user or root, and not writable by others. `subject` is the file in words.
/// Errors: refused, io.
Status check_own_file(int fd, const std::string& subject);

/// A file that says what to type: regular, not a symlink, of this user or root, not writable by
/// others. `kind` is what messages call it. Errors: no_key (absent), refused, permission_denied, io.
Result<SecretBuffer> read_passphrase_file(const std::string& path,
                                          const std::string& kind = "passphrase file");

/// What `/bin/sh -c command` prints, its stdin being empty. Errors: no_key where it fails.
Result<SecretBuffer> read_command(const std::string& command);

/// Takes one LF or CRLF off the end; returns how many bytes that were.
std::size_t strip_line_end(SecretBuffer& secret) noexcept;

}  // namespace tokenvault::cli
