#pragma once
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

namespace tokenvault::etcd {

/// The cluster's members as this process knows them: who answered last is asked first, and who did not is left
/// to rest, up to half a minute, while others are there. Thread-safe.
class Members {
 public:
  explicit Members(std::vector<std::string> endpoints);

  /// All of them, in the order in which to try.
  [[nodiscard]] std::vector<std::size_t> order(std::chrono::nanoseconds now) const;
  [[nodiscard]] const std::string& endpoint(std::size_t member) const noexcept { return endpoints_[member]; }
  [[nodiscard]] const std::vector<std::string>& endpoints() const noexcept { return endpoints_; }

  void answered(std::size_t member);
  void failed(std::size_t member, std::chrono::nanoseconds now);

 private:
  struct Health {
    int failures = 0;
    std::chrono::nanoseconds rests_until{0};
  };
  const std::vector<std::string> endpoints_;
  mutable std::mutex mutex_;
  std::vector<Health> health_;
  std::size_t favourite_;
};

}  // namespace tokenvault::etcd
