#include "ledger.hpp"

namespace tokenvault::orgapi {

std::int64_t Ledger::balance(std::string_view account) {
  const std::scoped_lock lock(mutex_);
  const auto found = points_.find(account);
  return found == points_.end() ? 0 : found->second;
}

std::optional<std::int64_t> Ledger::reward(std::string_view account, std::int64_t xp, std::string_view id) {
  const std::scoped_lock lock(mutex_);
  if (ids_.contains(id)) {
    const auto found = points_.find(account);
    return found == points_.end() ? 0 : found->second;
  }
  if (ids_.size() >= kMostRewards) return std::nullopt;
  ids_.emplace(id);
  return points_[std::string(account)] += xp;
}

}  // namespace tokenvault::orgapi
