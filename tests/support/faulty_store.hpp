#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "tokenvault/store.hpp"

namespace tokenvault::test {

/// What goes wrong, and when. The test keeps it while a vault owns the store. Calls count from 1 over
/// all methods of the store, commits over commit() alone, both since the plan was made. Thread-safe.
class FaultPlan {
 public:
  enum class Doubt { applied, not_applied };

  /// The `nth` call from now (1: the next) answers `code` and does not reach the store.
  void fail_call(std::size_t nth, Errc code);
  /// The `nth` commit from now answers `code` and does not reach the store.
  void fail_commit(std::size_t nth, Errc code);
  /// The `nth` commit from now answers in_doubt, and was applied or was not.
  void doubt_commit(std::size_t nth, Doubt doubt);

  [[nodiscard]] std::size_t calls() const;
  [[nodiscard]] std::size_t commits() const;
  /// Faults that no call has met yet.
  [[nodiscard]] std::size_t pending() const;

 private:
  friend class FaultyStore;
  struct Fault {
    std::size_t at;
    Errc code;
    bool applied = false;
  };
  std::optional<Fault> next_call();
  std::optional<Fault> next_commit();
  static std::optional<Fault> take(std::vector<Fault>& faults, std::size_t now);

  mutable std::mutex mutex_;
  std::size_t calls_ = 0, commits_ = 0;
  std::vector<Fault> call_faults_, commit_faults_;
};

/// Hands every call on to another store, but for what the plan says.
class FaultyStore final : public Store {
 public:
  FaultyStore(std::unique_ptr<Store> inner, std::shared_ptr<FaultPlan> plan)
      : inner_(std::move(inner)), plan_(std::move(plan)) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override { return inner_->capabilities(); }
  Result<Root> root() override;
  Result<Bytes> get(const BlobId& id) override;
  Result<Revision> commit(const Commit& commit) override;
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override;
  Result<Revision> revision() override;
  Result<Revision> wait(Revision since, std::chrono::nanoseconds timeout, const Clock& clock) override;
  Status check() override;
  Status compact() override;

 protected:
  void enter_read() noexcept override;
  void leave_read() noexcept override;

 private:
  std::unique_ptr<Store> inner_;
  std::shared_ptr<FaultPlan> plan_;
  std::recursive_mutex scope_mutex_;
  std::vector<std::unique_ptr<ReadScope>> scopes_;
};

}  // namespace tokenvault::test
