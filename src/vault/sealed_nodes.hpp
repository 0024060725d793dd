#pragma once
#include <map>

#include "tokenvault/store.hpp"

namespace tokenvault {

/// Nodes as they lie in a store that is far away, for who walks the same paths again: a node never changes, and
/// who finds one here has its digest checked all the same. Not thread-safe.
class SealedNodes {
 public:
  [[nodiscard]] const Bytes* find(const BlobId& id) const noexcept {
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? nullptr : &found->second;
  }
  void keep(const BlobId& id, const Bytes& sealed) {
    if (size_ + sealed.size() > kMost) clear();
    if (nodes_.emplace(id, sealed).second) size_ += sealed.size();
  }
  void drop(const BlobId& id) noexcept {
    const auto found = nodes_.find(id);
    if (found == nodes_.end()) return;
    size_ -= found->second.size();
    nodes_.erase(found);
  }

 private:
  static constexpr std::size_t kMost = 1024 * 1024;  // bytes, then start over

  void clear() noexcept {
    nodes_.clear();
    size_ = 0;
  }
  std::map<BlobId, Bytes> nodes_;
  std::size_t size_ = 0;
};

}  // namespace tokenvault
