#include "calls.hpp"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

namespace tokenvault::seeker {
namespace {

const std::map<std::uint64_t, const char*>& names() {
  static const std::map<std::uint64_t, const char*> known{{SYS_read, "read"},
                                                          {SYS_write, "write"},
                                                          {SYS_pwrite64, "pwrite64"},
                                                          {SYS_writev, "writev"},
                                                          {SYS_pwritev, "pwritev"},
                                                          {SYS_sendto, "sendto"},
                                                          {SYS_sendmsg, "sendmsg"},
                                                          {SYS_openat, "openat"},
                                                          {SYS_close, "close"},
                                                          {SYS_mmap, "mmap"},
                                                          {SYS_munmap, "munmap"},
                                                          {SYS_mremap, "mremap"},
                                                          {SYS_madvise, "madvise"},
                                                          {SYS_mprotect, "mprotect"},
                                                          {SYS_mlock, "mlock"},
                                                          {SYS_munlock, "munlock"},
                                                          {SYS_brk, "brk"},
                                                          {SYS_execve, "execve"},
                                                          {SYS_exit, "exit"},
                                                          {SYS_exit_group, "exit_group"},
                                                          {SYS_fsync, "fsync"},
                                                          {SYS_fdatasync, "fdatasync"},
                                                          {SYS_getrandom, "getrandom"},
                                                          {SYS_fcntl, "fcntl"},
                                                          {SYS_add_key, "add_key"},
                                                          {SYS_keyctl, "keyctl"},
                                                          {SYS_ioctl, "ioctl"},
                                                          {SYS_futex, "futex"},
                                                          {SYS_wait4, "wait4"},
                                                          {SYS_clone, "clone"}};
  return known;
}

bool is_one_of(std::uint64_t number, std::initializer_list<long> some) {
  return std::any_of(some.begin(), some.end(),
                     [&](long one) { return static_cast<std::uint64_t>(one) == number; });
}

std::vector<std::uint64_t> starts(const Image& image, std::uint64_t vectors, std::uint64_t count) {
  std::vector<std::uint64_t> addresses;
  iovec one{};
  for (std::uint64_t at = 0; at < std::min<std::uint64_t>(count, 64); ++at) {
    if (!image.read(vectors + at * sizeof one, &one, sizeof one)) break;
    if (one.iov_len > 0) addresses.push_back(reinterpret_cast<std::uint64_t>(one.iov_base));
  }
  return addresses;
}

}  // namespace

std::string name_of(std::uint64_t number) {
  const auto found = names().find(number);
  return found == names().end() ? std::to_string(number) : found->second;
}

bool changes_mappings(std::uint64_t number) {
  return is_one_of(number, {SYS_mmap, SYS_munmap, SYS_mremap, SYS_madvise, SYS_mprotect, SYS_mlock,
                            SYS_munlock, SYS_brk, SYS_execve});
}

bool ends(std::uint64_t number) { return is_one_of(number, {SYS_exit, SYS_exit_group}); }

Writing writing_of(const Call& call, const Image& image) {
  const auto number = call.entry.nr;
  const auto& words = call.entry.args;
  Writing writing;
  if (is_one_of(number, {SYS_write, SYS_pwrite64, SYS_sendto})) {
    if (words[2] > 0) writing.addresses.push_back(words[1]);
  } else if (is_one_of(number, {SYS_writev, SYS_pwritev})) {
    writing.addresses = starts(image, words[1], words[2]);
  } else if (is_one_of(number, {SYS_sendmsg})) {
    msghdr message{};
    if (image.read(words[1], &message, sizeof message))
      writing.addresses = starts(image, reinterpret_cast<std::uint64_t>(message.msg_iov), message.msg_iovlen);
  }
  if (!writing.addresses.empty()) writing.fd = static_cast<int>(words[0]);
  return writing;
}

#if defined(__x86_64__)

bool divert_random(pid_t pid, int fd) {
  user_regs_struct registers{};
  if (::ptrace(PTRACE_GETREGS, pid, nullptr, &registers) != 0) return false;
  registers.orig_rax = SYS_read;
  registers.rdx = registers.rsi;
  registers.rsi = registers.rdi;
  registers.rdi = static_cast<unsigned long long>(fd);
  return ::ptrace(PTRACE_SETREGS, pid, nullptr, &registers) == 0;
}

void restore_random(pid_t pid) {
  user_regs_struct registers{};
  if (::ptrace(PTRACE_GETREGS, pid, nullptr, &registers) != 0) return;
  registers.rdi = registers.rsi;
  registers.rsi = registers.rdx;
  registers.rdx = 0;
  ::ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
}

bool put_into_register(pid_t pid, const std::string& bytes) {
  user_fpregs_struct registers{};
  if (::ptrace(PTRACE_GETFPREGS, pid, nullptr, &registers) != 0) return false;
  std::memcpy(&registers.xmm_space[5 * 4], bytes.data(), std::min<std::size_t>(16, bytes.size()));
  return ::ptrace(PTRACE_SETFPREGS, pid, nullptr, &registers) == 0;
}

#else

bool divert_random(pid_t, int) { return false; }
void restore_random(pid_t) {}
bool put_into_register(pid_t, const std::string&) { return false; }

#endif

}  // namespace tokenvault::seeker
