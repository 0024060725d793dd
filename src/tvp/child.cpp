#include "tvp/child.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "core/try.hpp"
#include "tvp/launch.hpp"

namespace tokenvault::tvp {
namespace {

constexpr std::size_t kTokenDescriptor = 4;

Error failed(const char* what) {
  return Error(Errc::io, std::string("cannot start a program: ") + what, errno);
}

/// Above what the child's descriptors are numbered, so that putting those in place overwrites none.
Result<File> lifted(const File& low) {
  File high(::fcntl(low.get(), F_DUPFD_CLOEXEC, 10));
  if (!high) return failed("no descriptor is free");
  return high;
}

struct Pipe {
  File ours, theirs;
};

/// Both ends, out of the way.
Result<Pipe> lifted(int ours, int theirs) {
  auto our_end = lifted(File(ours));
  auto their_end = lifted(File(theirs));
  TV_TRY(File our_file, std::move(our_end));
  TV_TRY(File their_file, std::move(their_end));
  return Pipe{std::move(our_file), std::move(their_file)};
}

Result<Pipe> make_pipe(bool child_reads) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed("no pipe is to be had");
  TV_TRY(Pipe pipe, child_reads ? lifted(ends[1], ends[0]) : lifted(ends[0], ends[1]));
  if (::fcntl(pipe.ours.get(), F_SETFL, O_NONBLOCK) != 0) return failed("a pipe cannot be set up");
  return pipe;
}

/// A pair of sockets: ours, and the one that the child waits at until it may go on.
Result<Pipe> make_gate() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return failed("no socket is to be had");
  return lifted(ends[0], ends[1]);
}

int open_pidfd(pid_t pid) noexcept { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

/// With every signal blocked, so that no handler of the host's runs in the child.
pid_t fork_quietly(const Launch& launch) {
  sigset_t all = {}, before = {};
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) run_child(launch);
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

}  // namespace

Child::Child(pid_t pid, File gate, std::array<File, kDescriptors> ends) noexcept
    : pid_(pid), gate_(std::move(gate)), ends_(std::move(ends)) {}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      gate_(std::move(other.gate_)),
      ends_(std::move(other.ends_)) {}

Child::~Child() {
  kill_group();
  reap();
}

Result<Child> Child::start(const std::string& program, const std::string& verb, bool with_token) {
  std::array<File, kDescriptors> ours{File(-1), File(-1), File(-1), File(-1), File(-1)};
  std::array<File, kDescriptors> theirs{File(-1), File(-1), File(-1), File(-1), File(-1)};
  Launch launch(program, verb);
  for (std::size_t i = 0; i < (with_token ? kDescriptors : kTokenDescriptor); ++i) {
    TV_TRY(Pipe pipe, make_pipe(i == 0 || i == 3));
    launch.add(pipe.theirs.get());
    ours[i] = std::move(pipe.ours);
    theirs[i] = std::move(pipe.theirs);
  }
  TV_TRY(Pipe gate, make_gate());
  launch.gate = gate.theirs.get();
  const pid_t pid = fork_quietly(launch);
  if (pid < 0) return failed("the system has no room for a process");
  Child child(pid, std::move(gate.ours), std::move(ours));
  TV_CHECK(child.let_go());
  return child;
}

/// Only now may the program begin: had its end nobody to watch for it, nothing was asked yet.
Status Child::let_go() {
  ::setpgid(pid_, pid_);  // the child does so too: whoever is first
  pidfd_ = File(open_pidfd(pid_));
  if (!pidfd_) return failed("its end cannot be watched");
  const char go = 1;
  if (::send(gate_.get(), &go, 1, MSG_NOSIGNAL) != 1) return failed("it ended at once");
  return Ok{};
}

int Child::take_start_error() noexcept {
  int error = 0;
  if (gate_ && ::recv(gate_.get(), &error, sizeof error, MSG_DONTWAIT) != sizeof error) error = 0;
  gate_ = File(-1);
  return error;
}

void Child::kill_group() const noexcept {
  if (pid_ > 0 && ::kill(-pid_, SIGKILL) != 0) ::kill(pid_, SIGKILL);
}

int Child::reap() noexcept {
  int status = -1;
  pid_t got = -1;
  do {
    got = pid_ <= 0 ? 0 : ::waitpid(pid_, &status, 0);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) status = -1;
  pid_ = -1;
  return status;
}

}  // namespace tokenvault::tvp
