#pragma once
#include <sys/types.h>

#include <array>
#include <string>
#include <vector>

namespace tokenvault::tvp {

/// All that a child needs between fork() and exec(): made before, since in the child of a process with threads
/// nothing may be allocated.
struct Launch {
  Launch(const std::string& program, const std::string& verb);
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;

  /// The child's next descriptor, counted from 0.
  void add(int source) noexcept { sources[static_cast<std::size_t>(count++)] = source; }

  std::vector<std::string> words, variables;
  std::vector<char*> argv, envp;
  std::array<int, 5> sources{};
  int count = 0;
  int gate = -1;  ///< reads a byte before it goes on; writes errno where the program cannot be run
  pid_t parent = -1;
};

/// In the child: becomes the program.
[[noreturn]] void run_child(const Launch& launch) noexcept;

}  // namespace tokenvault::tvp
