#pragma once
#include "launch.hpp"
#include "record.hpp"

namespace tokenvault::seeker {

/// Runs the program, looks at it and at what it forks at the beginning and at the end of every system call, and
/// records what was there. A process that becomes another program is let go.
void watch(const Terms& terms, const Needles& needles, Record& record);

}  // namespace tokenvault::seeker
