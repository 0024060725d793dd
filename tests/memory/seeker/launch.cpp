#include "launch.hpp"

#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>

#include "refusal.hpp"

namespace tokenvault::seeker {
namespace {

constexpr unsigned kMemfdSecret = 447;  // the same on every architecture; older headers lack it

void limit(unsigned what, rlim_t most) {
  rlimit limits{};
  if (::getrlimit(static_cast<__rlimit_resource>(what), &limits) != 0) refuse("read a limit");
  limits.rlim_cur = most;
  if (most > limits.rlim_max || what == RLIMIT_MEMLOCK) limits.rlim_max = most;
  if (::setrlimit(static_cast<__rlimit_resource>(what), &limits) != 0) refuse("set a limit");
}

void deny_secret_files() {
  std::array<sock_filter, 4> rules{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMemfdSecret, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{static_cast<unsigned short>(rules.size()), rules.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    refuse("deny memfd_secret");
}

void become(int user) {
  const auto id = static_cast<uid_t>(user);
  if (::setgroups(0, nullptr) != 0 || ::setresgid(id, id, id) != 0 || ::setresuid(id, id, id) != 0)
    refuse("become that user");
}

[[noreturn]] void begin(const Terms& terms) {
  if (terms.memlock >= 0) limit(RLIMIT_MEMLOCK, static_cast<rlim_t>(terms.memlock));
  if (terms.cores) limit(RLIMIT_CORE, RLIM_INFINITY);
  if (terms.user >= 0) become(terms.user);
  if (terms.no_secret_files) deny_secret_files();
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) refuse("be traced");
  ::execv(terms.command.front(), terms.command.data());
  refuse("start the program");
}

}  // namespace

pid_t launch(const Terms& terms) {
  const pid_t child = ::fork();
  if (child < 0) refuse("fork");
  if (child == 0) begin(terms);
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
    refuse("stop the program at its beginning");
  constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
                            PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
  if (::ptrace(PTRACE_SETOPTIONS, child, nullptr, kOptions) != 0) refuse("trace the program");
  return child;
}

}  // namespace tokenvault::seeker
