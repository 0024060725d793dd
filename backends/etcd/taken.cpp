#include "etcd/taken.hpp"

#include "core/try.hpp"

namespace tokenvault::etcd {

Result<Taken> find_taken(Gateway& gateway, const Keys& keys, std::span<const Blob* const> blobs) {
  Taken taken;
  for (const auto* blob : blobs) {
    TV_TRY(const auto now, gateway.range({keys.blob(blob->id), {}, 0, 0, false}));
    if (now.found.empty()) continue;
    if (now.found.front().value != blob->bytes)
      return Error(Errc::already_exists, "cannot write to etcd: a blob id is taken by other bytes");
    taken[blob->id] = now.found.front().mod_revision;
  }
  return taken;
}

void put_blob(Transaction& transaction, const Keys& keys, const Blob& blob, const Taken& taken) {
  const auto key = keys.blob(blob.id);
  const auto found = taken.find(blob.id);
  found != taken.end() ? transaction.if_modified_at(key, found->second) : transaction.if_absent(key);
  transaction.put(key, blob.bytes);
}

}  // namespace tokenvault::etcd
