#pragma once
#include <vector>

#include "tokenvault/store.hpp"

namespace tokenvault::etcd {

/// A commit as etcd can take it: no key twice, and none that is both put and erased.
struct CommitPlan {
  std::vector<const Blob*> put;
  std::vector<BlobId> erase;
};

/// Errors: already_exists, where one id is put with different bytes.
Result<CommitPlan> plan_commit(const Commit& commit);

/// Below what etcd takes in one request, --max-request-bytes, 1.5 MiB.
inline constexpr std::size_t kMaxTransaction = 1024 * 1024;
/// What a key and the rest of an operation take besides a blob, roughly.
inline constexpr std::size_t kOperationSize = 512;

}  // namespace tokenvault::etcd
