#pragma once
#include <map>
#include <span>

#include "etcd/gateway.hpp"
#include "etcd/keys.hpp"
#include "etcd/transaction.hpp"

namespace tokenvault::etcd {

/// Ids that hold the bytes of a commit already, and since when by etcd's own count.
using Taken = std::map<BlobId, std::uint64_t>;

/// Errors: already_exists, where one holds other bytes; and those of a read.
Result<Taken> find_taken(Gateway& gateway, const Keys& keys, std::span<const Blob* const> blobs);

/// Puts the blob where nothing is. What is there already is put again, as it is: so that nobody who was about to
/// clear it away still does.
void put_blob(Transaction& transaction, const Keys& keys, const Blob& blob, const Taken& taken);

}  // namespace tokenvault::etcd
