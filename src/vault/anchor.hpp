#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "format/header.hpp"

namespace tokenvault {

/// The newest root of one vault that was seen: what makes an older copy show.
struct Anchor {
  std::uint64_t generation = 0;
  crypto::Digest digest{};
  std::uint32_t epoch = 0;  ///< 0: not kept
};

using Anchors = std::map<format::VaultId, Anchor>;

/// Anchors of any number of vaults in one text file, kept on another medium than the store: a line
/// each, `VAULT_ID GENERATION DIGEST EPOCH` in hex, decimal, hex, decimal; the last word may be missing.
/// Shared by processes through a lock on a
/// side file. A path of "" keeps nothing.
class AnchorFile {
 public:
  explicit AnchorFile(std::string path) : path_(std::move(path)) {}

  /// All there are. To be taken before a root is read, or a root committed in between would look
  /// older than its anchor. Errors: tampered when the file does not parse, permission_denied, io.
  [[nodiscard]] Result<Anchors> sample() const;

  /// Keeps the newer of `anchor` and what is there. Makes missing folders 0700 and the file 0600.
  /// Errors: as sample; refused for one vault more than 8,000; unavailable when another process holds the
  /// lock for 10 seconds.
  Status merge(const format::VaultId& vault, const Anchor& anchor, const Clock& clock) const;

 private:
  std::string path_;
};

/// stale when `root` is older than `seen`, of an earlier epoch, or a fork of it.
Status check_fresh(const Anchor& seen, const Anchor& root);
Status check_fresh(const Anchors& anchors, const format::VaultId& vault, const Anchor& root);

}  // namespace tokenvault
