#pragma once
#include "keys/slot.hpp"
#include "vault/anchor.hpp"
#include "vault/keyring.hpp"

namespace tokenvault {

/// One authenticated root, opened: everything a vault knows between two commits.
struct State {
  Revision revision = Revision::absent;
  format::Header header;
  crypto::Digest digest{};  ///< of the whole root, as anchors keep it
  Keyring keys;
  format::Top top;
  SecretBuffer tree_key;

  [[nodiscard]] Anchor anchor() const noexcept { return {header.generation, digest, header.epoch}; }
};

/// How an open vault gets into the next root: by the slot it was opened with.
struct Unlocker {
  SlotId slot{};
  SecretBuffer key;
};

/// Authenticates `root` from header to top node under `master`, and against what was `seen` before as
/// soon as the header is known to be true. Errors: tampered, stale.
Result<State> open_state(const Root& root, const format::RootParts& parts, SecretBuffer master,
                         const Anchors& seen);

/// The master key of a root that this vault reads again later, possibly in another epoch.
/// Errors: wrong_key when the slot is gone or no longer opens.
Result<SecretBuffer> reopen(const format::Header& header, const Unlocker& unlocker);

}  // namespace tokenvault
