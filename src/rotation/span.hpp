#pragma once
#include <chrono>

#include "format/rotation.hpp"
#include "tokenvault/clock.hpp"

/// Spans of time that neither a clock put forward nor one put back ends early. Within one start of the machine
/// its own count decides; across starts the wall clock is believed as far as it is credible.
namespace tokenvault::rotation {

format::Span begin_span(const Clock& clock, std::chrono::seconds length);

/// What is left of it; zero when it is over.
std::chrono::seconds left_of(const format::Span& span, const Clock& clock);

[[nodiscard]] inline bool is_over(const format::Span& span, const Clock& clock) {
  return left_of(span, clock).count() == 0;
}

/// After another start of the machine: counts what is left from here. Whether anything was changed.
bool rebase(format::Span& span, const Clock& clock);

}  // namespace tokenvault::rotation
