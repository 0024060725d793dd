#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

namespace tokenvault::etcd {

/// For each thread inside a read scope the revision of etcd that its reads speak of: that of its first. Etcd keeps
/// the past until it is compacted. Thread-safe.
class ReadViews {
 public:
  void enter();
  void leave() noexcept;

  /// 0 outside a scope, and in one before its first read.
  [[nodiscard]] std::uint64_t revision() const;
  [[nodiscard]] bool inside() const;
  /// Keeps the first that it is given; 0 forgets it. Nothing outside a scope.
  void keep(std::uint64_t revision);

 private:
  struct View {
    int depth = 0;
    std::uint64_t revision = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::thread::id, View> views_;
};

}  // namespace tokenvault::etcd
