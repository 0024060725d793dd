#pragma once
#include <sys/ptrace.h>

#include <string>
#include <vector>

#include "image.hpp"

namespace tokenvault::seeker {

using Call = __ptrace_syscall_info;

/// The name of those that matter here, else the number.
std::string name_of(std::uint64_t number);
/// Whether it may change what memory is mapped, or how.
bool changes_mappings(std::uint64_t number);
/// Whether it ends the process.
bool ends(std::uint64_t number);

/// What a call that writes is about to write, and the descriptor that it goes to.
struct Writing {
  int fd = -1;
  std::vector<std::uint64_t> addresses;
};
Writing writing_of(const Call& call, const Image& image);

/// Has a getrandom() that begins now read from `fd` instead; false where this machine's calls are not known.
bool divert_random(pid_t pid, int fd);
/// At its end, puts back what the call may not change.
void restore_random(pid_t pid);

/// Leaves the bytes in a vector register.
bool put_into_register(pid_t pid, const std::string& bytes);

}  // namespace tokenvault::seeker
