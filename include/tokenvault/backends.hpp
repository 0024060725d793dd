#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "tokenvault/store.hpp"

namespace tokenvault {

/// How long a store waits for another process's lock before `unavailable`.
inline constexpr std::chrono::milliseconds kDefaultLockTimeout{10'000};

struct StoreOptions {
  std::chrono::milliseconds lock_timeout = kDefaultLockTimeout;
  bool create = false;  ///< make an empty store where there is none; otherwise that is `no_vault`
};

/// A store in this process's ordinary memory: the reference implementation, for embedders' tests.
/// Thread-safe; gone with the process. Never fails to open.
TOKENVAULT_API Result<std::unique_ptr<Store>> open_memory_store();

/// A SQLite database at `path` (WAL, synchronous=FULL). Creates it 0600 only with options.create.
/// Thread-safe; many processes at once. Errors: no_vault (absent), tampered (not a database of ours,
/// empty, truncated), unsupported (a newer schema), refused (not a regular file, a symlink, one of two
/// names, writable by others, another user's), invalid_argument (a path that cannot be one),
/// permission_denied, unavailable, io.
TOKENVAULT_API Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path,
                                                                const StoreOptions& options = {});

/// Opens what `uri` names: "sqlite:PATH", a bare path (the same), or "memory:". The scheme decides,
/// never what happens to work. Errors: invalid_argument (unknown or malformed), unsupported (this
/// build has not got the backend), and those of the backend's own opener.
TOKENVAULT_API Result<std::unique_ptr<Store>> open_store(std::string_view uri,
                                                         const StoreOptions& options = {});

}  // namespace tokenvault
