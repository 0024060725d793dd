#pragma once
#include <cstddef>

namespace tokenvault {

/// Where the system put this process's first environment, as /proc/self/stat tells (proc(5), fields 50
/// and 51). Empty where it does not tell.
struct EnvironmentBlock {
  std::size_t begin = 0;
  std::size_t end = 0;

  [[nodiscard]] static EnvironmentBlock of_process() noexcept;
  [[nodiscard]] bool holds(const char* text, std::size_t size) const noexcept;
};

}  // namespace tokenvault
