#include "throttle.hpp"

namespace tokenvault::orgapi {
namespace {

constexpr std::chrono::nanoseconds kWindow = std::chrono::minutes(1);
constexpr std::size_t kMostWindows = 1024;

}  // namespace

std::chrono::seconds Throttle::wait(std::string_view who) {
  const std::scoped_lock lock(mutex_);
  const auto found = windows_.find(who);
  if (found == windows_.end() || found->second.refused < limit_) return std::chrono::seconds(0);
  const auto left = found->second.start + kWindow - clock_->steady();
  return left <= left.zero() ? std::chrono::seconds(0) : std::chrono::ceil<std::chrono::seconds>(left);
}

void Throttle::count(std::string_view who) {
  const std::scoped_lock lock(mutex_);
  const auto now = clock_->steady();
  auto found = windows_.find(who);
  if (found == windows_.end()) {
    forget_old(now);
    found = windows_.emplace(who, Window{now, 0}).first;
  } else if (now - found->second.start >= kWindow) {
    found->second = {now, 0};
  }
  ++found->second.refused;
}

void Throttle::forget_old(std::chrono::nanoseconds now) {
  if (windows_.size() < kMostWindows) return;
  std::erase_if(windows_, [now](const auto& entry) { return now - entry.second.start >= kWindow; });
  if (windows_.size() >= kMostWindows) windows_.clear();
}

}  // namespace tokenvault::orgapi
