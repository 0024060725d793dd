#include "rotation/span.hpp"

#include <algorithm>

#include "core/mutant.hpp"

namespace tokenvault::rotation {
namespace {

/// More than that between two looks is taken for a clock that was set.
constexpr std::uint64_t kCredible = std::uint64_t{365} * 24 * 3600;

std::uint64_t wall_of(const Clock& clock) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(clock.now().time_since_epoch().count(), 0));
}

bool is_same_start(const format::Span& span, const Uptime& uptime) {
  return !mutated("span.uptime") && uptime.boot != format::Id16{} && span.boot == uptime.boot;
}

std::uint64_t passed(const format::Span& span, const Clock& clock) {
  const auto uptime = clock.uptime();
  const auto since = static_cast<std::uint64_t>(uptime.since.count());
  if (is_same_start(span, uptime)) return since > span.uptime ? since - span.uptime : 0;
  const auto wall = wall_of(clock);
  return wall > span.wall && (mutated("span.clock_set") || wall - span.wall <= kCredible) ? wall - span.wall
                                                                                          : 0;
}

}  // namespace

format::Span begin_span(const Clock& clock, std::chrono::seconds length) {
  const auto uptime = clock.uptime();
  return {uptime.boot, static_cast<std::uint64_t>(uptime.since.count()), wall_of(clock),
          static_cast<std::uint64_t>(std::max<std::int64_t>(length.count(), 0))};
}

std::chrono::seconds left_of(const format::Span& span, const Clock& clock) {
  const auto gone = passed(span, clock);
  return std::chrono::seconds(gone >= span.length ? 0 : span.length - gone);
}

bool rebase(format::Span& span, const Clock& clock) {
  if (span.length == 0 || is_same_start(span, clock.uptime())) return false;
  const auto fresh = begin_span(clock, left_of(span, clock));
  if (fresh.boot == span.boot && fresh.wall == span.wall) return false;
  span = fresh;
  return true;
}

}  // namespace tokenvault::rotation
