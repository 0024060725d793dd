#pragma once
#include <map>
#include <memory>
#include <string>

#include "tokenvault/provider.hpp"

namespace tokenvault {

/// A provider that is a program, in any language, spoken to by the protocol tvp/1 (docs/rotation.md has it).
///
/// `program` is the absolute path of a file that its owner alone can change: the owner is root or the effective
/// user of this process, neither the group nor others may write it, and it is not set-user-id or set-group-id.
/// That is looked at now, and again before each call. Nothing is started yet.
///
/// `settings` go with every request, describe's too, beneath the request's own: what has to be known to tell what
/// the program can do, such as which recipe it runs. No secrets.
///
/// Each call starts it once, without a shell, and returns when it and all of its process group have ended, or
/// were killed at the request's time-out (1 s to 1 h; 30 s for describe(), which asks once and then remembers).
/// The calling thread waits. The child is reaped by its process id; a host that waits for any child, or ignores
/// SIGCHLD, takes its exit status away, and the answer then counts as doubt. Should the calling thread or the
/// process end in the middle of a call, the system kills the program. No signal handler, thread or environment
/// variable of the host is changed.
///
/// Errors of the calls, all before the program began: invalid_argument (a secret under the protocol's own word
/// `token` or `current`), not_found, refused, permission_denied, out_of_memory, io, forked. describe() gives
/// unreachable for everything that goes wrong after that. issue() gives the error of `keep`, if it has one.
///
/// Errors: invalid_argument (not an absolute path), not_found, refused (not a regular executable file, or
/// others could change it), unsupported (this build was configured without it).
TOKENVAULT_API Result<std::unique_ptr<Provider>> open_exec_provider(
    const std::string& program, const std::map<std::string, std::string>& settings = {});

}  // namespace tokenvault
