#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "tokenvault/store.hpp"

namespace tokenvault {

/// How long a store waits for another process's lock before `unavailable`.
inline constexpr std::chrono::milliseconds kDefaultLockTimeout{10'000};

/// How large a vault in one file may be: every change writes all of it.
inline constexpr std::size_t kDefaultFileLimit = 8 * 1024 * 1024;

struct StoreOptions {
  std::chrono::milliseconds lock_timeout = kDefaultLockTimeout;
  std::size_t max_size = kDefaultFileLimit;  ///< bytes of a vault in one file
  bool create = false;  ///< make an empty store where there is none; otherwise that is `no_vault`
};

/// A store in this process's ordinary memory: the reference implementation, for embedders' tests.
/// Thread-safe; gone with the process. Never fails to open.
TOKENVAULT_API Result<std::unique_ptr<Store>> open_memory_store();

/// A SQLite database at `path` (WAL, synchronous=FULL). Creates it 0600 only with options.create.
/// Thread-safe; many processes at once. Errors: no_vault (absent), tampered (not a database of ours,
/// empty, truncated), unsupported (a newer schema), refused (not a regular file, a symlink, one of two
/// names, writable by others, another user's), invalid_argument (a path that cannot be one),
/// permission_denied, unavailable, io, forked (where another thread was in a call on such a store at fork).
TOKENVAULT_API Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path,
                                                                const StoreOptions& options = {});

/// The whole vault in one file at `path`, of at most options.max_size bytes, replaced as a whole by every
/// commit under a lock on `path`.lock, which stays. Made 0600 by the first commit, only with
/// options.create, which also makes the folders above it. Else opening and reading create nothing, and they
/// never take a lock. Thread-safe; many processes at
/// once. Errors: no_vault (absent), tampered (it does not parse, or is empty), unsupported (a newer
/// format), refused (too large, not a regular file, a symlink, one of two names, writable by others,
/// another user's), invalid_argument (a path that cannot be one), permission_denied, io. A commit beyond
/// the limit is `refused`, one of something that is no root `invalid_argument`.
TOKENVAULT_API Result<std::unique_ptr<Store>> open_file_store(const std::string& path,
                                                              const StoreOptions& options = {});

/// A vault in one piece, as copy_sealed() gave it: in the program itself, from the network, from anywhere.
/// Read-only, volatile, thread-safe. Errors: tampered (it does not parse), unsupported (a newer format).
TOKENVAULT_API Result<std::unique_ptr<Store>> open_sealed_store(BytesView bytes);

/// Root and blobs of any store in one piece: ciphertext, the bytes of a file: vault. Errors: those of
/// `store`.
TOKENVAULT_API Result<Bytes> copy_sealed(Store& store);

/// A sealed vault in the environment variable `variable`, read once, here: what encode_env_value() gave.
/// Read-only, thread-safe. Not to be called beside setenv(). Errors: no_vault (not set), tampered (cut,
/// wrapped, padded, or no vault), unsupported (a newer format), invalid_argument (no name of a variable).
TOKENVAULT_API Result<std::unique_ptr<Store>> open_env_store(const std::string& variable);

/// What such a variable has to hold to be the vault in `store`: ciphertext, in base64url. Errors: refused
/// (128 KiB or more, which no program can be given), and those of `store`.
TOKENVAULT_API Result<std::string> encode_env_value(Store& store);

/// Opens what `uri` names: "sqlite:PATH", a bare path (the same), "file:PATH", "env:VARIABLE" or
/// "memory:". The scheme decides,
/// never what happens to work. Errors: invalid_argument (unknown or malformed), unsupported (this
/// build has not got the backend), and those of the backend's own opener.
TOKENVAULT_API Result<std::unique_ptr<Store>> open_store(std::string_view uri,
                                                         const StoreOptions& options = {});

}  // namespace tokenvault
