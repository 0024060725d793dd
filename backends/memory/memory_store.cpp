#include <map>
#include <mutex>
#include <utility>

#include "commit_sizes.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault {
namespace {

Error no_root() { return Error(Errc::no_vault, "no vault in this memory store: make one first"); }

/// The contract in its shortest form: one mutex over a root and a map.
class MemoryStore final : public Store {
 public:
  [[nodiscard]] Capabilities capabilities() const noexcept override {
    return {.writable = true, .durable = false, .shared = false, .wait = false};
  }

  Result<Root> root() override {
    const std::lock_guard lock(mutex_);
    if (revision_ == 0) return no_root();
    return Root{root_, Revision{revision_}};
  }

  Result<Bytes> get(const BlobId& id) override {
    const std::lock_guard lock(mutex_);
    const auto found = blobs_.find(id);
    if (found == blobs_.end()) return Error(Errc::not_found, "no such blob in this memory store");
    return found->second;
  }

  Result<Revision> commit(const Commit& commit) override;

  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    std::vector<BlobId> ids;
    auto at = after ? blobs_.upper_bound(*after) : blobs_.begin();
    for (; at != blobs_.end() && ids.size() < limit; ++at) ids.push_back(at->first);
    return ids;
  }

  Result<Revision> revision() override {
    const std::lock_guard lock(mutex_);
    return Revision{revision_};
  }

 protected:
  void enter_read() noexcept override { mutex_.lock(); }
  void leave_read() noexcept override { mutex_.unlock(); }

 private:
  [[nodiscard]] Status admit(const Commit& commit) const;

  std::recursive_mutex mutex_;
  std::map<BlobId, Bytes> blobs_;
  Bytes root_;
  std::uint64_t revision_ = 0;
};

Status MemoryStore::admit(const Commit& commit) const {
  TV_CHECK(admit_sizes(commit));
  if (!mutated("memory.swap") && commit.expected != Revision{revision_})
    return Error(Errc::conflict, "cannot commit to the memory store: the root has changed");
  std::map<BlobId, const Bytes*> put;
  for (const Blob& blob : commit.put) {
    const auto found = blobs_.find(blob.id);
    const Bytes* before =
        found != blobs_.end() ? &found->second : put.emplace(blob.id, &blob.bytes).first->second;
    if (!mutated("memory.taken") && *before != blob.bytes)
      return Error(Errc::already_exists,
                   "cannot commit to the memory store: a blob id is taken by other bytes");
  }
  return Ok{};
}

Result<Revision> MemoryStore::commit(const Commit& commit) {
  const std::lock_guard lock(mutex_);
  TV_CHECK(admit(commit));
  root_.assign(commit.root.begin(), commit.root.end());
  for (const Blob& blob : commit.put) blobs_.insert_or_assign(blob.id, blob.bytes);
  for (const BlobId& id : commit.erase) blobs_.erase(id);
  ++revision_;
  return Revision{revision_};
}

}  // namespace

Result<std::unique_ptr<Store>> open_memory_store() {
  return std::unique_ptr<Store>(std::make_unique<MemoryStore>());
}

}  // namespace tokenvault
