#pragma once
#include <optional>
#include <string>

#include "kernel_keyring.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::cli {

/// What `unlock` leaves in the kernel: the key of one slot of one vault, and when it ends.
struct KeptKey {
  SlotKey key;
  Time until{};
};

/// What the kernel has for a vault: a key, or the reason why not, for `status`.
struct KeptLook {
  std::optional<KeptKey> found;
  std::string state;   ///< in words
  bool stale = false;  ///< something is kept that opens nothing any more
};

/// Keeps `key` until `until`. Errors: those of keep_in_kernel().
Status keep_key(KernelKeyring keyring, const VaultId& vault, const KeptKey& key, Time now);

/// What is kept for the vault that shows `head`, if the slot is still among its slots: in the session, else by the user.
[[nodiscard]] KeptLook look_for_kept_key(const VaultHead& head, Time now);

/// Takes what is kept for `vault` away, or for all of this user's vaults. Returns how many keys. Errors: those of
/// forget_in_kernel().
Result<int> forget_key(const VaultId& vault);
Result<int> forget_all_keys();

}  // namespace tokenvault::cli
