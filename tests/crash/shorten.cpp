// Runs a program whose nth write of more than one byte the kernel takes by half, as it may for any write: the rest is
// for the program to write again.
//   shorten REPORT N PROGRAM ARGS...   REPORT gets how many such writes there were; N 0 only counts
#include <elf.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

#if defined(__x86_64__)
constexpr bool kKnown = true;
auto& size_in(user_regs_struct& registers) { return registers.rdx; }
#elif defined(__aarch64__)
constexpr bool kKnown = true;
auto& size_in(user_regs_struct& registers) { return registers.regs[2]; }
#else
constexpr bool kKnown = false;
unsigned long& size_in(user_regs_struct&) {
  static unsigned long none = 0;
  return none;
}
#endif

/// Whether the stopped process enters a write that could be halved.
bool enters_write(pid_t child) {
  __ptrace_syscall_info seen{};
  if (::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof seen, &seen) <= 0) return false;
  if (seen.op != PTRACE_SYSCALL_INFO_ENTRY) return false;
  return (seen.entry.nr == SYS_write || seen.entry.nr == SYS_pwrite64) && seen.entry.args[2] > 1;
}

void halve(pid_t child) {
  user_regs_struct registers{};
  iovec place{&registers, sizeof registers};
  ::ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &place);
  size_in(registers) /= 2;
  ::ptrace(PTRACE_SETREGSET, child, NT_PRSTATUS, &place);
}

/// Its exit status; a signal ends this process as well.
int follow(pid_t child, long nth, long& writes) {
  int status = 0;
  ::waitpid(child, &status, 0);
  ::ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC);
  while (!WIFEXITED(status) && !WIFSIGNALED(status)) {
    int forward = 0;
    if (WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80)) {
      if (enters_write(child) && ++writes == nth) halve(child);
    } else if (WIFSTOPPED(status) && WSTOPSIG(status) != SIGTRAP) {
      forward = WSTOPSIG(status);
    }
    ::ptrace(PTRACE_SYSCALL, child, 0, forward);
    if (::waitpid(child, &status, 0) < 0) return 99;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int main(int count, char** words) {
  if (!kKnown || count < 4) return 77;
  const pid_t child = ::fork();
  if (child == 0) {
    ::ptrace(PTRACE_TRACEME, 0, 0, 0);
    ::execv(words[3], words + 3);
    ::_exit(127);
  }
  long writes = 0;
  const int ended = follow(child, std::atol(words[2]), writes);
  if (std::FILE* const report = std::fopen(words[1], "w")) {
    std::fprintf(report, "%ld\n", writes);
    std::fclose(report);
  }
  return ended;
}
