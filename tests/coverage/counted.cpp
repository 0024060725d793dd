// So that what the children of tests reach is counted as well. They end by _exit(), before which libgcov would write
// nothing, and some of them as another user, whom the files of counts do not let in where root made them.
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

extern "C" void __gcov_dump();
extern "C" void __gcov_reset();

extern "C" void _exit(int status) {
  __gcov_dump();
  ::syscall(SYS_exit_group, status);
  std::abort();
}

namespace {

/// Before there is any child: the files are there from now on, and for everybody.
[[gnu::constructor]] void make_files() {
  const auto mask = ::umask(0);
  __gcov_dump();
  ::umask(mask);
  __gcov_reset();
}

}  // namespace
