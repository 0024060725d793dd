#pragma once
#include "etcd/commit_plan.hpp"
#include "etcd/gateway.hpp"
#include "etcd/keys.hpp"
#include "etcd/swap.hpp"
#include "etcd/taken.hpp"

namespace tokenvault::etcd {

/// A commit in one transaction.
class SingleCommit {
 public:
  SingleCommit(Gateway& gateway, const Keys& keys, const Commit& commit, const CommitPlan& plan)
      : gateway_(gateway), keys_(keys), commit_(commit), plan_(plan) {}

  [[nodiscard]] static bool fits(const Commit& commit, const CommitPlan& plan);

  /// Errors: those of Store::commit.
  Result<Revision> run();

 private:
  Result<Outcome> send(const Swap& swap, const Taken& taken);

  Gateway& gateway_;
  const Keys& keys_;
  const Commit& commit_;
  const CommitPlan& plan_;
};

}  // namespace tokenvault::etcd
