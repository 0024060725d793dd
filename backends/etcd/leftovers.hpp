#pragma once
#include <functional>
#include <string>
#include <vector>

#include "etcd/gateway.hpp"
#include "etcd/keys.hpp"

namespace tokenvault::etcd {

/// What commits that did not fit into one transaction may leave behind.
///
/// An upload has a marker, which ends with its lease, and one key for each batch, put together with the batch's
/// blobs, that lists them. The last transaction of a large commit asks for the marker and deletes all of these
/// keys, so that a batch is only ever found where its blobs belong to no commit yet; where the marker is gone they
/// never will. Blobs are deleted only where they are as that batch put them: the same id may have been put again.
///
/// An erase key lists what a commit erases besides, and goes when that is done.
class Leftovers {
 public:
  Leftovers(Gateway& gateway, const Keys& keys) : gateway_(gateway), keys_(keys) {}

  /// Deletes the blobs of uploads that have no marker any more, and what erase keys list.
  Status collect();
  /// The same, and besides every upload but `own`, also those under way: their commits fail, and begin again.
  Status collect_others(const AttemptId& own);
  /// Ends one upload, wherever it is.
  Status collect(const AttemptId& attempt);
  /// Erases what the key lists, as far as it is older than that key, and the key.
  Status erase_listed(const std::string& key);
  /// The same without a key: what is older than `revision`.
  Status erase(const std::vector<BlobId>& ids, std::uint64_t revision);

 private:
  using Each = std::function<Status(const KeyValue&)>;
  Status for_each(const std::string& folder, bool keys_only, const Each& each);
  Status erase_all_listed();
  Status collect_batch(const KeyValue& batch);
  Status delete_marker(const AttemptId& attempt);
  Status erase_some(std::span<const BlobId> ids, std::uint64_t revision);

  Gateway& gateway_;
  const Keys& keys_;
};

/// A list of ids, as batch and erase keys have it.
[[nodiscard]] Bytes encode_ids(std::span<const BlobId> ids);
/// Nothing where it is none.
[[nodiscard]] std::optional<std::vector<BlobId>> decode_ids(BytesView bytes);

}  // namespace tokenvault::etcd
