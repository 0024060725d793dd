#include "process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "failure.hpp"
#include "tokenvault/secret.hpp"
#include "try.hpp"

namespace tokenvault::cli {
namespace {

/// The lowest free descriptor is what open() gives, so going upwards fills the very gap. The mode is
/// the one nobody wants there, and exec closes it again.
Status fill_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    const int mode = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", mode | O_CLOEXEC) != fd) return system_error("open /dev/null");
  }
  return Ok{};
}

}  // namespace

Result<Inherited> prepare_process() {
  TV_CHECK(fill_standard_descriptors());
  Inherited before;
  ::getrlimit(RLIMIT_CORE, &before.core);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before.pipe);
  TV_CHECK(harden_process());
  return before;
}

bool restore_process(const Inherited& before) noexcept {
  ::sigaction(SIGPIPE, &before.pipe, nullptr);
  return ::setrlimit(RLIMIT_CORE, &before.core) == 0;
}

}  // namespace tokenvault::cli
