#include "etcd/read_views.hpp"

namespace tokenvault::etcd {

void ReadViews::enter() {
  const std::lock_guard lock(mutex_);
  ++views_[std::this_thread::get_id()].depth;
}

void ReadViews::leave() noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = views_.find(std::this_thread::get_id());
  if (found != views_.end() && --found->second.depth == 0) views_.erase(found);
}

std::uint64_t ReadViews::revision() const {
  const std::lock_guard lock(mutex_);
  const auto found = views_.find(std::this_thread::get_id());
  return found == views_.end() ? 0 : found->second.revision;
}

bool ReadViews::inside() const {
  const std::lock_guard lock(mutex_);
  return views_.contains(std::this_thread::get_id());
}

void ReadViews::keep(std::uint64_t revision) {
  const std::lock_guard lock(mutex_);
  const auto found = views_.find(std::this_thread::get_id());
  if (found == views_.end()) return;
  if (revision == 0 || found->second.revision == 0) found->second.revision = revision;
}

}  // namespace tokenvault::etcd
