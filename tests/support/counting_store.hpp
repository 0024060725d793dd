#pragma once
#include <atomic>

#include "support/shared_store.hpp"

namespace tokenvault::test {

/// Counts how often a blob is asked for.
class CountingStore final : public SharedStore {
 public:
  using SharedStore::SharedStore;

  [[nodiscard]] int gets() const noexcept { return gets_.load(); }

  Result<Bytes> get(const BlobId& id) override {
    ++gets_;
    return SharedStore::get(id);
  }

 private:
  std::atomic<int> gets_ = 0;
};

}  // namespace tokenvault::test
