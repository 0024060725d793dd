// The program's own fsync and fdatasync come before those of the C library, for SQLite's library too.
#include "concurrency/sudden_death.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

namespace tokenvault::test {
namespace {

std::atomic<int> left = 0;
std::atomic<bool> afterwards = false;

int sync_or_die(long call, int fd) {
  const bool now = left.fetch_sub(1) == 1;
  if (now && !afterwards) ::raise(SIGKILL);
  const int done = static_cast<int>(::syscall(call, fd));
  if (now) ::raise(SIGKILL);
  return done;
}

}  // namespace

void die_in_sync(int n) {
  left = (n + 1) / 2;
  afterwards = n % 2 == 0;
}

}  // namespace tokenvault::test

extern "C" {
int fsync(int fd) { return tokenvault::test::sync_or_die(SYS_fsync, fd); }
int fdatasync(int fd) { return tokenvault::test::sync_or_die(SYS_fdatasync, fd); }
}
