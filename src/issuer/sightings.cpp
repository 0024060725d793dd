#include "issuer/sightings.hpp"

#include "core/try.hpp"

namespace tokenvault::issuer {
namespace {

/// A clock that was put back is as good a reason as one that went on.
bool is_old(std::optional<Time> last, Time now) noexcept {
  return !last || std::chrono::abs(now - *last) >= std::chrono::minutes(1);
}

}  // namespace

bool SightingsBoard::add(const Entry& entry, const Decision& decision, Time now) {
  const auto* refusal = std::get_if<Refusal>(&decision);
  if (refusal != nullptr && *refusal == Refusal::scope) return false;
  if (!is_old(refusal == nullptr ? entry.row.last_used : entry.row.refused, now)) return false;
  const std::scoped_lock lock(mutex_);
  auto& times = refusal == nullptr ? seen_.used : seen_.refused;
  const auto [place, fresh] = times.try_emplace(entry.row.grant.id, now);
  if (!fresh && !is_old(place->second, now)) return false;
  place->second = now;
  return true;
}

Status SightingsBoard::write_to(Verifiers& verifiers) {
  Sightings taken;
  {
    const std::scoped_lock lock(mutex_);
    std::swap(taken, seen_);
  }
  if (taken.used.empty() && taken.refused.empty()) return Ok{};
  const auto write = [&]() -> Status {
    TV_TRY(auto change, Verifiers::Change::begin(verifiers));
    TV_CHECK(verifiers.note(taken));
    return change.commit();
  };
  auto written = write();
  if (written) return written;
  const std::scoped_lock lock(mutex_);  // what was seen meanwhile is newer
  seen_.used.merge(taken.used);
  seen_.refused.merge(taken.refused);
  return written;
}

TokenRow SightingsBoard::complete(Entry entry, Time now) {
  entry.row.state = state_of(entry, now);
  const std::scoped_lock lock(mutex_);
  const auto& id = entry.row.grant.id;
  if (const auto used = seen_.used.find(id); used != seen_.used.end()) entry.row.last_used = used->second;
  if (const auto refused = seen_.refused.find(id); refused != seen_.refused.end())
    entry.row.refused = refused->second;
  return std::move(entry.row);
}

}  // namespace tokenvault::issuer
