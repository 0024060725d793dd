#include "etcd/single_commit.hpp"

#include "core/try.hpp"

namespace tokenvault::etcd {
namespace {

constexpr int kAttempts = 3;

Error beaten() { return {Errc::conflict, "cannot write to etcd: the root has changed"}; }

}  // namespace

bool SingleCommit::fits(const Commit& commit, const CommitPlan& plan) {
  if (plan.put.size() + plan.erase.size() + kSwapOperations > kMaxOperations) return false;
  std::size_t size = commit.root.size();
  for (const auto* blob : plan.put) size += blob->bytes.size() + kOperationSize;
  return size <= kMaxTransaction;
}

Result<Revision> SingleCommit::run() {
  Taken taken;
  for (int i = 0; i < kAttempts; ++i) {
    const Swap swap(keys_, commit_);
    TV_TRY(const auto outcome, send(swap, taken));
    if (outcome.succeeded) return swap.next();
    if (swap.is_beaten(outcome)) return beaten();
    TV_TRY(taken, find_taken(gateway_, keys_, plan_.put));
  }
  return beaten();
}

Result<Outcome> SingleCommit::send(const Swap& swap, const Taken& taken) {
  Transaction transaction;
  swap.add_to(transaction);
  for (const auto* blob : plan_.put) put_blob(transaction, keys_, *blob, taken);
  for (const auto& id : plan_.erase) transaction.erase(keys_.blob(id));
  return swap.send(gateway_, transaction);
}

}  // namespace tokenvault::etcd
