#include "etcd/members.hpp"

#include <unistd.h>

#include <algorithm>

namespace tokenvault::etcd {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kShortest = 1s, kLongest = 30s;

}  // namespace

/// Processes begin with different members, so that one does not carry them all.
Members::Members(std::vector<std::string> endpoints)
    : endpoints_(std::move(endpoints)),
      health_(endpoints_.size()),
      favourite_(static_cast<std::size_t>(::getpid()) % endpoints_.size()) {}

std::vector<std::size_t> Members::order(std::chrono::nanoseconds now) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < endpoints_.size(); ++i) members.push_back((favourite_ + i) % endpoints_.size());
  std::stable_partition(members.begin(), members.end(),
                        [&](std::size_t member) { return health_[member].rests_until <= now; });
  return members;
}

void Members::answered(std::size_t member) {
  const std::lock_guard lock(mutex_);
  health_[member] = {};
  favourite_ = member;
}

void Members::failed(std::size_t member, std::chrono::nanoseconds now) {
  const std::lock_guard lock(mutex_);
  auto& health = health_[member];
  health.rests_until = now + std::min(kShortest * (1 << std::min(health.failures, 5)), kLongest);
  ++health.failures;
}

}  // namespace tokenvault::etcd
