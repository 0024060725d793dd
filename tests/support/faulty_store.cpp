#include "support/faulty_store.hpp"

#include <algorithm>
#include <utility>

namespace tokenvault::test {
namespace {

Error injected(Errc code) { return Error(code, "injected fault"); }

}  // namespace

void FaultPlan::fail_call(std::size_t nth, Errc code) {
  const std::lock_guard lock(mutex_);
  call_faults_.push_back({calls_ + nth, code});
}

void FaultPlan::fail_commit(std::size_t nth, Errc code) {
  const std::lock_guard lock(mutex_);
  commit_faults_.push_back({commits_ + nth, code});
}

void FaultPlan::doubt_commit(std::size_t nth, Doubt doubt) {
  const std::lock_guard lock(mutex_);
  commit_faults_.push_back({commits_ + nth, Errc::in_doubt, doubt == Doubt::applied});
}

std::size_t FaultPlan::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::size_t FaultPlan::commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}

std::size_t FaultPlan::pending() const {
  const std::lock_guard lock(mutex_);
  return call_faults_.size() + commit_faults_.size();
}

std::optional<FaultPlan::Fault> FaultPlan::take(std::vector<Fault>& faults, std::size_t now) {
  const auto found = std::ranges::find(faults, now, &Fault::at);
  if (found == faults.end()) return std::nullopt;
  const Fault fault = *found;
  faults.erase(found);
  return fault;
}

std::optional<FaultPlan::Fault> FaultPlan::next_call() {
  const std::lock_guard lock(mutex_);
  return take(call_faults_, ++calls_);
}

std::optional<FaultPlan::Fault> FaultPlan::next_commit() {
  const std::lock_guard lock(mutex_);
  const auto of_call = take(call_faults_, ++calls_);
  const auto of_commit = take(commit_faults_, ++commits_);
  return of_call ? of_call : of_commit;
}

Result<Root> FaultyStore::root() {
  if (const auto fault = plan_->next_call()) return injected(fault->code);
  return inner_->root();
}

Result<Bytes> FaultyStore::get(const BlobId& id) {
  if (const auto fault = plan_->next_call()) return injected(fault->code);
  return inner_->get(id);
}

Result<Revision> FaultyStore::commit(const Commit& commit) {
  const auto fault = plan_->next_commit();
  if (!fault) return inner_->commit(commit);
  if (!fault->applied) return injected(fault->code);
  auto done = inner_->commit(commit);
  if (!done) return done;
  return injected(fault->code);
}

Result<std::vector<BlobId>> FaultyStore::list(const std::optional<BlobId>& after, std::size_t limit) {
  if (const auto fault = plan_->next_call()) return injected(fault->code);
  return inner_->list(after, limit);
}

Result<Revision> FaultyStore::revision() {
  if (const auto fault = plan_->next_call()) return injected(fault->code);
  return inner_->revision();
}

Result<Revision> FaultyStore::wait(Revision since, std::chrono::nanoseconds timeout, const Clock& clock) {
  if (const auto fault = plan_->next_call()) return injected(fault->code);
  return inner_->wait(since, timeout, clock);
}

Status FaultyStore::check() {
  if (const auto fault = plan_->next_call()) return injected(fault->code);
  return inner_->check();
}

Status FaultyStore::compact() {
  if (const auto fault = plan_->next_call()) return injected(fault->code);
  return inner_->compact();
}

void FaultyStore::enter_read() noexcept {
  scope_mutex_.lock();
  scopes_.push_back(std::make_unique<ReadScope>(*inner_));
}

void FaultyStore::leave_read() noexcept {
  scopes_.pop_back();
  scope_mutex_.unlock();
}

}  // namespace tokenvault::test
