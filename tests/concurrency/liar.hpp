#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tokenvault/store.hpp"

namespace tokenvault::test {

/// A store that is wrong now and then in a way that has a name: what finds faults has to find these.
class Liar final : public Store {
 public:
  Liar(std::unique_ptr<Store> store, std::string lie) : store_(std::move(store)), lie_(std::move(lie)) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override { return store_->capabilities(); }
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    return store_->list(after, limit);
  }
  Result<Revision> revision() override { return store_->revision(); }

  Result<Bytes> get(const BlobId& id) override {
    if (lies("blob gone", 2)) return Error(Errc::not_found, "blob gone");
    auto found = store_->get(id);
    if (found) seen_[id] = *found;
    // A copy that is behind has the old blobs too.
    if (!found && lie_ == "stale read" && seen_.contains(id)) return seen_[id];
    return found;
  }

  Result<Root> root() override {
    auto now = store_->root();
    if (!now) return now;
    if (lies("stale read") && former_) return *former_;
    former_ = *now;
    return now;
  }

  Result<Revision> commit(const Commit& commit) override {
    if (lies("never written")) return Revision(1);
    auto done = store_->commit(commit);
    if (done && lies("error after the fact")) return Error(Errc::io, "error after the fact");
    if (!done && done.error().code() == Errc::conflict && lies("won twice")) {
      auto over = commit;
      if (auto found = store_->revision()) over.expected = *found;
      return store_->commit(over);
    }
    return done;
  }

 private:
  /// Every tenth time that there is an occasion for it, that many times in a row.
  bool lies(std::string_view occasion, int times = 1) {
    return lie_ == occasion && ++occasions_ % 10 < times;
  }

  std::unique_ptr<Store> store_;
  std::string lie_;
  std::optional<Root> former_;
  std::map<BlobId, Bytes> seen_;
  int occasions_ = 0;
};

}  // namespace tokenvault::test
