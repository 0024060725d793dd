#pragma once
#include <array>
#include <memory>

#include "support/etcd_place.hpp"
#include "support/shared_store.hpp"

namespace tokenvault::test {

inline constexpr std::array kWritable{"etcd"};
inline constexpr std::array kDurable{"etcd"};

/// A place on the cluster, opened as often as processes come.
class Ground {
 public:
  explicit Ground(std::string_view /*backend*/) {}
  [[nodiscard]] std::unique_ptr<Store> open() const { return place_.open_with(EtcdPlace::options()); }

 private:
  EtcdPlace place_;
};

/// Knows where it is, so that a view of it has connections of its own.
class PlacedStore final : public SharedStore {
 public:
  explicit PlacedStore(const Ground& at) : SharedStore(at.open()), ground(at) {}
  const Ground ground;
};

inline std::shared_ptr<Store> empty_store() { return std::make_shared<PlacedStore>(Ground("etcd")); }

/// The same store once more, as another process would have it.
inline std::unique_ptr<Store> view(const std::shared_ptr<Store>& store) {
  if (const auto* placed = dynamic_cast<const PlacedStore*>(store.get())) return placed->ground.open();
  return std::make_unique<SharedStore>(store);
}

}  // namespace tokenvault::test
