#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tokenvault::seeker {

/// How the process that is to be watched begins.
struct Terms {
  int needles = -1;
  int report = -1;
  int random = -1;     // where getrandom() takes its bytes from, so that a second run draws the same
  int user = -1;       // whom to become
  long memlock = -1;   // limit on locked memory in bytes
  bool cores = false;  // lets it leave core files
  bool no_secret_files = false;  // as where the kernel has no memfd_secret
  bool rests = false;            // it writes to stdout whenever no token is in use
  long crash_at = -1;            // the stop at which it gets the signal
  int signal = 11;
  std::string plant;   // where to leave the planted secret: heap, stack, data or register
  long plant_at = -1;  // and at which stop
  std::vector<char*> command;
};

/// Starts it, traced, stopped at its first instruction.
pid_t launch(const Terms& terms);

}  // namespace tokenvault::seeker
