#pragma once
#include "format/rotation.hpp"
#include "tokenvault/clock.hpp"

/// Who is asking a provider, told well enough that a dead one is known for dead.
namespace tokenvault::rotation {

/// This process, as the run `run`.
format::Holder this_process(const format::Id16& run);

[[nodiscard]] inline bool is_nobody(const format::Holder& holder) { return holder.run == format::Id16{}; }

/// Whether `holder`, who began `span`, may still be at it: false when it is this very run, when the span is over,
/// or when the process is known to have ended. A process elsewhere is given its span.
bool may_live(const format::Holder& holder, const format::Id16& self, const format::Span& span,
              const Clock& clock);

}  // namespace tokenvault::rotation
