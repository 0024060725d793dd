#pragma once
#include <atomic>

#include "support/shared_store.hpp"

namespace tokenvault::test {

/// Counts how often a blob is asked for.
class CountingStore final : public Store {
 public:
  explicit CountingStore(std::shared_ptr<Store> store) : store_(std::move(store)) {}

  [[nodiscard]] int gets() const noexcept { return gets_.load(); }

  [[nodiscard]] Capabilities capabilities() const noexcept override { return store_.capabilities(); }
  Result<Root> root() override { return store_.root(); }
  Result<Bytes> get(const BlobId& id) override {
    ++gets_;
    return store_.get(id);
  }
  Result<Revision> commit(const Commit& commit) override { return store_.commit(commit); }
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    return store_.list(after, limit);
  }
  Result<Revision> revision() override { return store_.revision(); }

 private:
  SharedStore store_;
  std::atomic<int> gets_ = 0;
};

}  // namespace tokenvault::test
