#pragma once
#include <sys/types.h>

#include <array>
#include <string>

#include "core/file.hpp"
#include "tokenvault/error.hpp"

namespace tokenvault::tvp {

/// One run of a program, in a process group of its own: our ends of its descriptors, none of which blocks.
/// Destroyed, it kills the group and reaps the child.
class Child {
 public:
  static constexpr std::size_t kDescriptors = 5;

  /// Starts `PROGRAM VERB` with descriptors 0 to 3, and 4 where `with_token`. Errors, all before the program
  /// began: io.
  static Result<Child> start(const std::string& program, const std::string& verb, bool with_token);

  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  ~Child();

  /// Our end of the child's descriptor; -1 where it is closed.
  [[nodiscard]] int end(std::size_t descriptor) const noexcept { return ends_[descriptor].get(); }
  void close_end(std::size_t descriptor) noexcept { ends_[descriptor] = File(-1); }
  /// Readable when the child has ended.
  [[nodiscard]] int ended() const noexcept { return pidfd_.get(); }

  /// Once the child has ended: 0, or errno of what kept the program from running.
  int take_start_error() noexcept;

  /// Kills the group. The child stays until it is reaped, so its number cannot be anybody else's.
  void kill_group() const noexcept;
  /// Waits, after kill_group(), and gives the wait status; -1 where somebody else took it.
  int reap() noexcept;

 private:
  Child(pid_t pid, File gate, std::array<File, kDescriptors> ends) noexcept;
  Status let_go();

  pid_t pid_;
  File pidfd_{-1};
  File gate_;
  std::array<File, kDescriptors> ends_;
};

}  // namespace tokenvault::tvp
