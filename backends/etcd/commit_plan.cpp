#include "etcd/commit_plan.hpp"

#include <algorithm>

namespace tokenvault::etcd {

Result<CommitPlan> plan_commit(const Commit& commit) {
  CommitPlan plan;
  plan.erase.assign(commit.erase.begin(), commit.erase.end());
  std::ranges::sort(plan.erase);
  plan.erase.erase(std::unique(plan.erase.begin(), plan.erase.end()), plan.erase.end());
  for (const auto& blob : commit.put) plan.put.push_back(&blob);
  std::ranges::stable_sort(plan.put, {}, [](const Blob* blob) { return blob->id; });
  for (std::size_t i = 1; i < plan.put.size(); ++i)
    if (plan.put[i - 1]->id == plan.put[i]->id && plan.put[i - 1]->bytes != plan.put[i]->bytes)
      return Error(Errc::already_exists, "cannot write to etcd: one blob id has two contents");
  const auto same_id = [](const Blob* a, const Blob* b) { return a->id == b->id; };
  plan.put.erase(std::unique(plan.put.begin(), plan.put.end(), same_id), plan.put.end());
  std::erase_if(plan.put, [&](const Blob* blob) { return std::ranges::binary_search(plan.erase, blob->id); });
  return plan;
}

}  // namespace tokenvault::etcd
