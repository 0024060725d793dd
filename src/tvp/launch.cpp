#include "tvp/launch.hpp"

#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>

namespace tokenvault::tvp {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (auto& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment() {
  const char* path = std::getenv("PATH");
  std::vector<std::string> all{std::string("PATH=") +
                               (path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin")};
  for (const char* name : {"HOME", "LANG"}) {
    if (const char* value = std::getenv(name)) all.push_back(std::string(name) + "=" + value);
  }
  all.emplace_back("TVP=1");
  return all;
}

// From here on in the child: async-signal-safe calls alone.

[[noreturn]] void give_up(int gate) noexcept {
  const int error = errno;
  const auto written = ::write(gate, &error, sizeof error);
  ::_exit(written == sizeof error ? 127 : 126);
}

void reset_signals() noexcept {
  struct sigaction usual = {};
  usual.sa_handler = SIG_DFL;
  for (int signal = 1; signal <= SIGRTMAX; ++signal) ::sigaction(signal, &usual, nullptr);
  sigset_t none = {};
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void wait_at(int gate) noexcept {
  char go = 0;
  ssize_t got = 0;
  do {
    got = ::read(gate, &go, 1);
  } while (got < 0 && errno == EINTR);
  if (got != 1) ::_exit(126);
}

/// A parent that died before the signal was asked for sends none.
void die_with(pid_t parent) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) ::_exit(126);
}

bool place_descriptors(const Launch& launch) noexcept {
  for (int fd = 0; fd < launch.count; ++fd) {
    if (::dup2(launch.sources[static_cast<std::size_t>(fd)], fd) != fd) return false;
  }
  return ::syscall(SYS_close_range, launch.count, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0;
}

/// The program holds tokens: they belong into no core file.
void forbid_core() noexcept {
  rlimit core = {};
  if (::getrlimit(RLIMIT_CORE, &core) != 0) return;
  core.rlim_cur = 0;
  ::setrlimit(RLIMIT_CORE, &core);
}

}  // namespace

Launch::Launch(const std::string& program, const std::string& verb)
    : words{program, verb},
      variables(environment()),
      argv(pointers(words)),
      envp(pointers(variables)),
      parent(::getpid()) {}

void run_child(const Launch& launch) noexcept {
  ::setpgid(0, 0);
  die_with(launch.parent);
  reset_signals();
  wait_at(launch.gate);
  forbid_core();
  ::umask(077);
  if (::chdir("/") != 0 || !place_descriptors(launch)) give_up(launch.gate);
  ::execve(launch.argv[0], launch.argv.data(), launch.envp.data());
  give_up(launch.gate);
}

}  // namespace tokenvault::tvp
