#pragma once
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace tokenvault::test {

/// Puts itself between SQLite and the system: every call that changes a file is a moment at which the process may die
/// or the disk fail. One at a time.
class SystemCalls {
 public:
  SystemCalls() {
    set("write", reinterpret_cast<sqlite3_syscall_ptr>(&on_write));
    set("pwrite", reinterpret_cast<sqlite3_syscall_ptr>(&on_pwrite));
    set("pwrite64", reinterpret_cast<sqlite3_syscall_ptr>(&on_pwrite));
    set("ftruncate", reinterpret_cast<sqlite3_syscall_ptr>(&on_truncate));
  }
  ~SystemCalls() {
    for (const char* name : {"write", "pwrite", "pwrite64", "ftruncate"}) set(name, nullptr);
    moment = 0;
    error = 0;
  }
  SystemCalls(const SystemCalls&) = delete;
  SystemCalls& operator=(const SystemCalls&) = delete;

  /// The process dies before its n-th call from now.
  void kill_at(int n) { passed = 0, moment = n, error = 0; }
  /// The n-th call from now and all later ones fail.
  void fail_from(int n, int with) { passed = 0, moment = n, error = with; }
  void heal() { moment = 0; }
  [[nodiscard]] int count() const { return passed; }

 private:
  static void set(const char* name, sqlite3_syscall_ptr call) {
    auto* vfs = sqlite3_vfs_find(nullptr);
    vfs->xSetSystemCall(vfs, name, call);
  }
  static bool fails() {
    ++passed;
    if (moment == 0 || passed < moment) return false;
    if (error == 0) ::raise(SIGKILL);
    errno = error;
    return true;
  }
  static ssize_t on_write(int fd, const void* data, size_t size) {
    return fails() ? -1 : ::write(fd, data, size);
  }
  static ssize_t on_pwrite(int fd, const void* data, size_t size, off_t at) {
    return fails() ? -1 : ::pwrite(fd, data, size, at);
  }
  static int on_truncate(int fd, off_t size) { return fails() ? -1 : ::ftruncate(fd, size); }

  static inline int passed = 0, moment = 0, error = 0;
};

}  // namespace tokenvault::test
