#include "attacks/medium.hpp"

namespace tokenvault::test {

Result<Root> LooseStore::root() {
  if (cell_->revision == 0) return Error(Errc::no_vault, "no root");
  return Root{cell_->dump.root, Revision{cell_->revision}};
}

Result<Bytes> LooseStore::get(const BlobId& id) {
  const auto found = cell_->dump.blobs.find(id);
  if (found == cell_->dump.blobs.end()) return Error(Errc::not_found, "no such blob");
  return found->second;
}

Result<Revision> LooseStore::commit(const Commit& commit) {
  if (commit.expected != Revision{cell_->revision}) return Error(Errc::conflict, "it has changed");
  auto& dump = cell_->dump;
  dump.root.assign(commit.root.begin(), commit.root.end());
  for (const auto& blob : commit.put) dump.blobs[blob.id] = blob.bytes;
  for (const auto& id : commit.erase) dump.blobs.erase(id);
  return Revision{++cell_->revision};
}

Result<std::vector<BlobId>> LooseStore::list(const std::optional<BlobId>& after, std::size_t limit) {
  const auto& blobs = cell_->dump.blobs;
  std::vector<BlobId> ids;
  for (auto at = after ? blobs.upper_bound(*after) : blobs.begin(); at != blobs.end() && ids.size() < limit;
       ++at)
    ids.push_back(at->first);
  return ids;
}

}  // namespace tokenvault::test
