#pragma once
#include "vault/tree.hpp"

namespace tokenvault {

/// Everything that one root names, sealed as it lies in the store, and the entries opened. Orphans are no
/// part of it.
struct Snapshot {
  Bytes root;
  std::vector<Blob> blobs;
  std::vector<format::Entry> entries;
};

/// Errors: tampered, and unavailable with nodes.moved() where somebody committed meanwhile.
Result<Snapshot> take_snapshot(NodeReader& nodes);

/// Puts `root` and `blobs` into an empty store in one commit, and reads everything back. Errors:
/// already_exists, in_doubt (it may be there, or is and cannot be read back), tampered (it is not what was
/// sent), and the store's.
Status fill_store(Store& target, const Bytes& root, const std::vector<Blob>& blobs);

}  // namespace tokenvault
