#include "core/process.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <atomic>
#include <cerrno>

#include "core/mutant.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault {
namespace {
constinit std::atomic<bool> hardened = false;
}

bool process_is_hardened() noexcept { return hardened.load(std::memory_order_relaxed); }

Status harden_process() {
  if (!mutated("process.dumpable") && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return Error(Errc::io, "cannot make this process undumpable", errno);
  }
  // The hard limit stays: lowered, it could not be raised again for a program started in our place.
  rlimit core = {};
  if (getrlimit(RLIMIT_CORE, &core) != 0) {
    return Error(Errc::io, "cannot read the core file limit", errno);
  }
  if (!mutated("process.core_limit")) core.rlim_cur = 0;
  if (setrlimit(RLIMIT_CORE, &core) != 0) {
    return Error(Errc::io, "cannot turn core files off for this process", errno);
  }
  hardened.store(true, std::memory_order_relaxed);
  return Ok{};
}

}  // namespace tokenvault
