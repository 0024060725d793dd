#include "vault/state.hpp"

#include <algorithm>

#include "core/mutant.hpp"
#include "core/try.hpp"

namespace tokenvault {

Result<State> open_state(const Root& root, const format::RootParts& parts, SecretBuffer master,
                         const Anchors& seen) {
  const auto mac = format::header_mac(master, parts.mac_input);
  if (!mutated("vault.mac") && !crypto::equal(mac, parts.mac))
    return Error(Errc::tampered, "vault header: it was changed after it was written");
  const Anchor anchor{parts.header.generation, format::anchor_digest(root.bytes), parts.header.epoch};
  if (!mutated("vault.anchored")) TV_CHECK(check_fresh(seen, parts.header.vault_id, anchor));
  TV_TRY(auto keys, Keyring::make(parts.header, std::move(master)));
  TV_TRY(auto opened, format::open_top(keys.top(), parts));
  return State{root.revision,   parts.header,          anchor.digest,
               std::move(keys), std::move(opened.top), std::move(opened.tree_key)};
}

Result<SecretBuffer> reopen(const format::Header& header, const Unlocker& unlocker) {
  const auto slot = std::ranges::find(header.slots, unlocker.slot, &format::Slot::id);
  if (slot == header.slots.end() || !slot->known())
    return Error(Errc::wrong_key, "the slot this vault was opened with has been removed");
  return keys::open_slot(unlocker.key, *slot, {header.vault_id, header.epoch});
}

}  // namespace tokenvault
