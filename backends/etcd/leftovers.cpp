#include "etcd/leftovers.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "core/try.hpp"
#include "etcd/transaction.hpp"

namespace tokenvault::etcd {
namespace {

constexpr std::size_t kPage = 100;
constexpr std::size_t kIdSize = sizeof(BlobId::bytes);

/// "upload/HEX" or "upload/HEX/N": the part between.
AttemptId attempt_of(std::string_view key, const Keys& keys) {
  key.remove_prefix(std::min(keys.uploads().size(), key.size()));
  return AttemptId(key.substr(0, key.find('/')));
}

}  // namespace

Bytes encode_ids(std::span<const BlobId> ids) {
  Bytes bytes;
  bytes.reserve(ids.size() * kIdSize);
  for (const auto& id : ids) bytes.insert(bytes.end(), id.bytes.begin(), id.bytes.end());
  return bytes;
}

std::optional<std::vector<BlobId>> decode_ids(BytesView bytes) {
  if (bytes.size() % kIdSize != 0) return std::nullopt;
  std::vector<BlobId> ids(bytes.size() / kIdSize);
  for (std::size_t i = 0; i < ids.size(); ++i)
    std::memcpy(ids[i].bytes.data(), bytes.data() + i * kIdSize, kIdSize);
  return ids;
}

Status Leftovers::for_each(const std::string& folder, bool keys_only, const Each& each) {
  RangeQuery query{folder, end_of(folder), kPage, 0, keys_only};
  for (;;) {
    TV_TRY(const auto page, gateway_.range(query));
    for (const auto& found : page.found) {
      if (found.key < query.from) return Error(Errc::tampered, "etcd lists the same uploads again and again");
      TV_CHECK(each(found));
    }
    if (!page.more || page.found.empty()) return Ok{};
    query.from = page.found.back().key + '\0';
  }
}

Status Leftovers::collect() {
  std::set<AttemptId> dead, alive;
  TV_CHECK(for_each(keys_.uploads(), true, [&](const KeyValue& found) -> Status {
    const auto attempt = attempt_of(found.key, keys_);
    (found.key == keys_.marker(attempt) ? alive : dead).insert(attempt);
    return Ok{};
  }));
  for (const auto& attempt : dead)
    if (!alive.contains(attempt)) TV_CHECK(collect(attempt));
  return erase_all_listed();
}

Status Leftovers::erase_all_listed() {
  return for_each(keys_.erases(), true, [&](const KeyValue& found) { return erase_listed(found.key); });
}

Status Leftovers::collect_others(const AttemptId& own) {
  std::set<AttemptId> attempts;
  TV_CHECK(for_each(keys_.uploads(), true, [&](const KeyValue& found) -> Status {
    attempts.insert(attempt_of(found.key, keys_));
    return Ok{};
  }));
  attempts.erase(own);
  for (const auto& attempt : attempts) TV_CHECK(collect(attempt));
  return erase_all_listed();
}

Status Leftovers::collect(const AttemptId& attempt) {
  TV_CHECK(delete_marker(attempt));
  return for_each(keys_.batches(attempt), false, [&](const KeyValue& batch) { return collect_batch(batch); });
}

/// In a step of its own and before its blobs, so that no last transaction can count on both.
Status Leftovers::delete_marker(const AttemptId& attempt) {
  Transaction transaction;
  TV_CHECK(gateway_.transact(transaction.erase(keys_.marker(attempt))));
  return Ok{};
}

/// One by one where they are not all as the batch left them, since some other collector has begun, or put again.
Status Leftovers::collect_batch(const KeyValue& batch) {
  const auto ids = decode_ids(batch.value);
  if (!ids || ids->size() >= kMaxOperations)
    return Error(Errc::tampered, "the list of an upload in etcd is not one");
  Transaction all;
  for (const auto& id : *ids) all.if_modified_at(keys_.blob(id), batch.mod_revision).erase(keys_.blob(id));
  TV_TRY(const auto outcome, gateway_.transact(all.erase(batch.key)));
  if (outcome.succeeded) return Ok{};
  for (const auto& id : *ids) {
    Transaction one;
    TV_CHECK(gateway_.transact(one.if_modified_at(keys_.blob(id), batch.mod_revision).erase(keys_.blob(id))));
  }
  Transaction last;
  TV_CHECK(gateway_.transact(last.erase(batch.key)));
  return Ok{};
}

Status Leftovers::erase_listed(const std::string& key) {
  TV_TRY(const auto range, gateway_.range({key, {}, 0, 0, false}));
  if (range.found.empty()) return Ok{};
  const auto& found = range.found.front();
  const auto ids = decode_ids(found.value);
  if (!ids) return Error(Errc::tampered, "the list of what is to be erased in etcd is not one");
  TV_CHECK(erase(*ids, found.mod_revision));
  Transaction last;
  TV_CHECK(gateway_.transact(last.erase(key)));
  return Ok{};
}

Status Leftovers::erase(const std::vector<BlobId>& ids, std::uint64_t revision) {
  for (std::size_t i = 0; i < ids.size(); i += kPage)
    TV_CHECK(erase_some(std::span(ids).subspan(i, std::min(kPage, ids.size() - i)), revision));
  return Ok{};
}

Status Leftovers::erase_some(std::span<const BlobId> ids, std::uint64_t revision) {
  Transaction all;
  for (const auto& id : ids) all.if_modified_before(keys_.blob(id), revision).erase(keys_.blob(id));
  TV_TRY(const auto outcome, gateway_.transact(all));
  if (outcome.succeeded || ids.size() == 1) return Ok{};
  for (const auto& id : ids) TV_CHECK(erase_some(std::span(&id, 1), revision));
  return Ok{};
}

}  // namespace tokenvault::etcd
