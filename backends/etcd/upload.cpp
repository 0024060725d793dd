#include "etcd/upload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/bytes.hpp"
#include "core/try.hpp"

namespace tokenvault::etcd {
namespace {

/// How long an upload may take before others may clear it away, in seconds. It is not kept alive: what takes
/// longer begins again and fails.
constexpr int kLease = 3600;
constexpr int kAttempts = 3;
/// The marker, or the batch's own key, besides the blobs.
constexpr std::size_t kMaxBatch = kMaxOperations - 1;
/// What an erase key can list beside a root; more than that follows without being written down.
constexpr std::size_t kMaxListed = 30'000;

Error overtaken() {
  return {Errc::unavailable,
          "cannot write to etcd: another large change is under way there; nothing was changed: try again"};
}

/// How many of the blobs at the front fit into one transaction.
std::size_t fitting(std::span<const Blob* const> blobs) {
  std::size_t size = 0, count = 0;
  for (const auto* blob : blobs) {
    size += blob->bytes.size() + kOperationSize;
    if (count == kMaxBatch || size > kMaxTransaction) break;
    ++count;
  }
  return count;
}

/// The answer is lost, and the step did not count by itself: no more than a failure.
Error unless_doubtful(const Error& error) {
  if (error.code() != Errc::in_doubt) return error;
  return {Errc::unreachable, error.message() + "; nothing was changed", error.os_error()};
}

}  // namespace

Result<Revision> Upload::run() {
  TV_CHECK(leftovers_.collect());
  Result<Revision> done = overtaken();
  bool again = true;
  for (int i = 0; i < kAttempts && again; ++i) {
    again = false;
    done = attempt(again);
  }
  return done;
}

Result<Revision> Upload::attempt(bool& again) {
  if (const auto begun = begin(); !begun) {
    give_up();
    return unless_doubtful(begun.error());
  }
  const auto uploaded = upload();
  if (!uploaded || *uploaded == Step::begin_again) {
    const bool cleared = give_up();
    // A lost answer is no more than that where nothing of it is left.
    again = uploaded || (cleared && uploaded.error().code() == Errc::in_doubt);
    return uploaded ? overtaken() : unless_doubtful(uploaded.error());
  }
  auto done = finish(again);
  // Where the answer is lost, the marker is left to whoever settles it.
  if (!done && done.error().code() != Errc::in_doubt) give_up();
  return done;
}

Status Upload::begin() {
  id_ = random_name();
  batches_ = 0;
  TV_TRY(const auto granted, gateway_.ask("/v3/lease/grant", fmt::format(R"({{"TTL":"{}"}})", kLease)));
  lease_ = number_of(granted, "ID").value_or(0);
  if (lease_ == 0) return Error(Errc::io, "etcd gave no lease for a large change");
  Transaction transaction;
  TV_CHECK(gateway_.transact(transaction.put(keys_.marker(id_), as_bytes(id_), lease_)));
  return Ok{};
}

Result<Upload::Step> Upload::upload() {
  for (Batch rest = plan_.put; !rest.empty();) {
    const auto count = fitting(rest);
    TV_TRY(const auto step, put(rest.first(count)));
    if (step == Step::begin_again) return step;
    rest = rest.subspan(count);
  }
  return Step::done;
}

/// Where some of the blobs are there already, they are another upload's, and go with it, or the vault's own.
Result<Upload::Step> Upload::put(Batch batch) {
  Taken taken;
  for (int i = 0; i < kAttempts; ++i) {
    TV_TRY(const auto outcome, put_once(batch, taken));
    if (outcome.succeeded) return Step::done;
    const bool marked = !outcome.reads.empty() && !outcome.reads.front().found.empty();
    if (!marked) return Step::begin_again;
    TV_CHECK(leftovers_.collect_others(id_));
    TV_TRY(taken, find_taken(gateway_, keys_, batch));
  }
  return Step::begin_again;
}

/// What is there already is not listed, since it may be the vault's own.
Result<Outcome> Upload::put_once(Batch batch, const Taken& taken) {
  Transaction transaction;
  std::vector<BlobId> ids;
  transaction.if_present(keys_.marker(id_));
  for (const auto* blob : batch) {
    put_blob(transaction, keys_, *blob, taken);
    if (!taken.contains(blob->id)) ids.push_back(blob->id);
  }
  transaction.put(keys_.batches(id_) + std::to_string(batches_++), encode_ids(ids));
  return gateway_.transact(transaction.else_look(keys_.marker(id_)));
}

Result<Revision> Upload::finish(bool& again) {
  const Swap swap(keys_, commit_);
  Transaction transaction;
  swap.add_to(transaction);
  transaction.if_present(keys_.marker(id_));
  transaction.erase_range(keys_.marker(id_), end_of(keys_.batches(id_)));
  const auto listed = std::min(plan_.erase.size(), kMaxListed);
  if (listed > 0) transaction.put(keys_.erase(id_), encode_ids(std::span(plan_.erase).first(listed)));
  TV_TRY(const auto outcome, swap.send(gateway_, transaction));
  if (!outcome.succeeded && swap.is_beaten(outcome))
    return Error(Errc::conflict, "cannot write to etcd: the root has changed");
  again = !outcome.succeeded;
  if (again) return overtaken();
  // It is done: what cannot be cleared away now is cleared away later.
  if (listed > 0) (void)leftovers_.erase_listed(keys_.erase(id_)).has_value();
  if (listed < plan_.erase.size()) (void)leftovers_.erase(plan_.erase, outcome.revision).has_value();
  end_lease();
  return swap.next();
}

bool Upload::give_up() {
  const bool cleared = leftovers_.collect(id_).has_value();
  end_lease();
  return cleared;
}

void Upload::end_lease() {
  if (lease_ != 0)
    (void)gateway_.ask("/v3/lease/revoke", fmt::format(R"({{"ID":"{}"}})", lease_)).has_value();
  lease_ = 0;
}

}  // namespace tokenvault::etcd
