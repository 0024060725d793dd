#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "commit_sizes.hpp"
#include "core/try.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault {
namespace {

/// One state of a place. A commit makes another: who holds one may read it for as long as they like.
struct State {
  Root root;
  std::map<BlobId, Bytes> blobs;
};
using Held = std::shared_ptr<const State>;

struct Place {
  std::mutex mutex;
  Held state = std::make_shared<State>();
};

std::shared_ptr<Place> place_of(const std::string& name) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<Place>> places;
  const std::lock_guard lock(mutex);
  auto& place = places[name];
  if (!place) place = std::make_shared<Place>();
  return place;
}

class ToyStore final : public Store {
 public:
  explicit ToyStore(std::shared_ptr<Place> place) : place_(std::move(place)) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override {
    return {.writable = true, .durable = true, .shared = true, .wait = false};
  }

  Result<Root> root() override {
    const auto state = now();
    if (state->root.revision == Revision::absent) return Error(Errc::no_vault, "no vault in this toy");
    return state->root;
  }

  Result<Bytes> get(const BlobId& id) override {
    const auto state = now();
    const auto found = state->blobs.find(id);
    if (found == state->blobs.end()) return Error(Errc::not_found, "no such blob in this toy");
    return found->second;
  }

  Result<Revision> commit(const Commit& commit) override;

  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    const auto state = now();
    std::vector<BlobId> ids;
    auto at = after ? state->blobs.upper_bound(*after) : state->blobs.begin();
    for (; at != state->blobs.end() && ids.size() < limit; ++at) ids.push_back(at->first);
    return ids;
  }

  Result<Revision> revision() override { return now()->root.revision; }

 protected:
  void enter_read() noexcept override {
    mutex_.lock();
    if (depth_++ == 0) scoped_ = current();
  }
  void leave_read() noexcept override {
    if (--depth_ == 0) scoped_.reset();
    mutex_.unlock();
  }

 private:
  [[nodiscard]] Held current() const {
    const std::lock_guard lock(place_->mutex);
    return place_->state;
  }
  [[nodiscard]] Held now() {
    const std::lock_guard lock(mutex_);
    return scoped_ ? scoped_ : current();
  }

  const std::shared_ptr<Place> place_;
  std::recursive_mutex mutex_;
  Held scoped_;
  int depth_ = 0;
};

Result<Revision> ToyStore::commit(const Commit& commit) {
  TV_CHECK(admit_sizes(commit));
  const std::lock_guard lock(place_->mutex);
  if (commit.expected != place_->state->root.revision)
    return Error(Errc::conflict, "cannot commit to the toy: the root has changed");
  auto next = std::make_shared<State>(*place_->state);
  for (const Blob& blob : commit.put)
    if (const auto [at, fresh] = next->blobs.emplace(blob.id, blob.bytes); !fresh && at->second != blob.bytes)
      return Error(Errc::already_exists, "cannot commit to the toy: a blob id is taken by other bytes");
  for (const BlobId& id : commit.erase) next->blobs.erase(id);
  next->root.bytes.assign(commit.root.begin(), commit.root.end());
  next->root.revision = Revision{static_cast<std::uint64_t>(commit.expected) + 1};
  place_->state = next;
  return next->root.revision;
}

}  // namespace

Result<std::unique_ptr<Store>> open_toy_store(const std::string& name) {
  return std::unique_ptr<Store>(std::make_unique<ToyStore>(place_of(name)));
}

}  // namespace tokenvault
