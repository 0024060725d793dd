#pragma once
#include <span>

#include "etcd/commit_plan.hpp"
#include "etcd/gateway.hpp"
#include "etcd/keys.hpp"
#include "etcd/leftovers.hpp"
#include "etcd/swap.hpp"
#include "etcd/taken.hpp"

namespace tokenvault::etcd {

/// A commit too large for one transaction: its blobs go first, in batches below a marker, and the last transaction
/// makes them count. See Leftovers for what happens to those of a commit that does not come that far.
class Upload {
 public:
  Upload(Gateway& gateway, const Keys& keys, const Commit& commit, const CommitPlan& plan)
      : gateway_(gateway), keys_(keys), leftovers_(gateway, keys), commit_(commit), plan_(plan) {}

  /// Errors: those of Store::commit.
  Result<Revision> run();

 private:
  enum class Step : std::uint8_t { done, begin_again };
  using Batch = std::span<const Blob* const>;

  Result<Revision> attempt(bool& again);
  Status begin();
  Result<Step> upload();
  Result<Step> put(Batch batch);
  Result<Outcome> put_once(Batch batch, const Taken& taken);
  Result<Revision> finish(bool& again);
  bool give_up();
  void end_lease();

  Gateway& gateway_;
  const Keys& keys_;
  Leftovers leftovers_;
  const Commit& commit_;
  const CommitPlan& plan_;
  AttemptId id_;
  std::uint64_t lease_ = 0;
  std::size_t batches_ = 0;
};

}  // namespace tokenvault::etcd
