#pragma once
#include <unistd.h>

#include <cstdlib>

namespace tokenvault::test {

/// Gives up root's right to pass over file modes while it lives; nothing to give up otherwise.
class AsNobody {
 public:
  AsNobody() : root_(::geteuid() == 0) {
    if (root_ && ::seteuid(65534) != 0) std::abort();
  }
  ~AsNobody() {
    if (root_ && ::seteuid(0) != 0) std::abort();
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool root_;
};

}  // namespace tokenvault::test
