#pragma once
#include <memory>
#include <string>

#include "session.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault::cli {

// What tokenvault and tokenvault-etcd differ in: opening.cpp is of the one, etcd_opening.cpp of the other.

/// Opens the store that `uri` names. Errors: those of its opener.
Result<std::unique_ptr<Store>> open_place(const std::string& uri, const Session& session,
                                          const StoreOptions& options = {});

/// Puts tokenvault-etcd in the place of a command that cannot open what the session is about; `words` are main()'s own.
/// To be called before anything is read, since it begins anew. Errors: unsupported where it is not installed.
Status give_way(const Session& session, char** words);

}  // namespace tokenvault::cli
