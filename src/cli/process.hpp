#pragma once
#include <signal.h>
#include <sys/resource.h>

#include "tokenvault/error.hpp"

namespace tokenvault::cli {

/// What this process changes of itself and a program started in its place must not inherit.
struct Inherited {
  struct rlimit core {};
  struct sigaction pipe {};
};

/// Fills descriptors 0 to 2 where they are closed, so that no file of ours lands there; reading or
/// writing such a placeholder fails. Turns SIGPIPE into a failed write, and hardens the process.
Result<Inherited> prepare_process();

/// Undoes it, right before exec. False where the core limit could not be raised again.
bool restore_process(const Inherited& before) noexcept;

}  // namespace tokenvault::cli
