#pragma once
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tokenvault::seeker {

/// What it cannot do it says, with a status that none of the programs that it runs ends with.
[[noreturn]] inline void refuse(const char* what) {
  std::fprintf(stderr, "seeker: cannot %s: %s\n", what, std::strerror(errno));
  std::_Exit(99);
}

}  // namespace tokenvault::seeker
