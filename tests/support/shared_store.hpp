#pragma once
#include <memory>

#include "tokenvault/store.hpp"

namespace tokenvault::test {

/// One store behind several vaults, as a shared medium would be.
class SharedStore : public Store {
 public:
  explicit SharedStore(std::shared_ptr<Store> store) : store_(std::move(store)) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override { return store_->capabilities(); }
  Result<Root> root() override { return store_->root(); }
  Result<Bytes> get(const BlobId& id) override { return store_->get(id); }
  Result<Revision> commit(const Commit& commit) override { return store_->commit(commit); }
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    return store_->list(after, limit);
  }
  Result<Revision> revision() override { return store_->revision(); }
  Status check() override { return store_->check(); }

 private:
  std::shared_ptr<Store> store_;
};

}  // namespace tokenvault::test
