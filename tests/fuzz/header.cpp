// A root: slots, history and MAC, and the top node below them.
#include "format/header.hpp"

#include <algorithm>

#include "format/node.hpp"
#include "keys/slot.hpp"
#include "mutation.hpp"
#include "target.hpp"
#include "tokenvault/vault.hpp"
#include "unsealed.hpp"
#include "vault/state.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;

namespace {

/// What docs/format.md bounds, asked again of what was accepted.
void check_parts(const format::RootParts& parts, BytesView root) {
  const auto& header = parts.header;
  must(root.size() <= kMaxRootSize, "a root is at most 256 KiB");
  must(header.generation > 0 && header.epoch > 0, "generation and epoch count from 1");
  must(!header.slots.empty() && header.slots.size() <= format::kMaxSlots, "1 to 32 slots");
  must(std::ranges::count(header.slots, 1, &format::Slot::type) <= 8, "at most 8 passphrases");
  for (const auto& slot : header.slots) {
    must(std::ranges::count(header.slots, slot.id, &format::Slot::id) == 1, "ids of slots are distinct");
    must(slot.body.size() <= format::kMaxSlotBody, "a slot is at most 512 bytes");
  }
  must(std::ranges::equal(format::encode_header(header), parts.mac_input), "one header has one encoding");
}

/// Argon2id would take all the time that there is; a cost out of bounds is refused before it.
void try_passphrase(const format::Header& header) {
  const bool cheap = std::ranges::any_of(header.slots, [](const format::Slot& slot) {
    if (slot.type != 1) return false;
    const auto cost = format::cost_of(slot);
    return cost.passes >= 1 && cost.passes <= 16 && cost.memory_kib >= 8192 && cost.memory_kib <= 1048576;
  });
  if (cheap) return;
  const auto unlocked = keys::unlock(header, KeySource::passphrase(secret_of("a passphrase")).value());
  must(!unlocked.has_value(), "a wrong passphrase opens nothing");
  check_error(unlocked.error(), {Errc::wrong_key, Errc::refused});
}

void try_identity(const format::Header& header) {
  const auto source = KeySource::identity(secret_of(known_key_bytes())).value();
  const auto unlocked = keys::unlock(header, source);
  if (!unlocked) check_error(unlocked.error(), {Errc::wrong_key});
}

void check_top(const State& state, const format::RootParts& parts) {
  const auto sealed = format::seal_top(state.keys.top(), parts.header_bytes, state.top, state.tree_key);
  auto again = parts;
  again.top_nonce = BytesView(sealed).first(crypto::kNonceSize);
  again.top_sealed = BytesView(sealed).subspan(crypto::kNonceSize + 4);
  const auto opened = format::open_top(state.keys.top(), again);
  must(opened.has_value(), "what opens and is sealed again opens");
  must(format::encode_body(opened->top.body) == format::encode_body(state.top.body), "with the same tree");
  must(opened->top.commits == state.top.commits && opened->top.tokens == state.top.tokens,
       "with the same commits");
  must(equal_constant_time(opened->tree_key, state.tree_key), "with the same key");
}

void open_root(const Root& root, const format::RootParts& parts) {
  auto unlocked = keys::unlock(parts.header, known_key());
  if (!unlocked) return check_error(unlocked.error(), {Errc::wrong_key});
  const auto mac = blake2b("tv1 header", unlocked->master.expose(), parts.mac_input);
  const bool authentic = std::ranges::equal(mac, parts.mac);
  const auto state = open_state(root, parts, std::move(unlocked->master), {});
  if (!state) return check_error(state.error(), {Errc::tampered});
  must(authentic, "a header with a wrong MAC is never accepted");
  check_top(*state, parts);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = bytes_of(data, size);
  const auto parts = format::parse_root(bytes);
  if (!parts) {
    check_error(parts.error(), {Errc::tampered, Errc::unsupported});
    return 0;
  }
  check_parts(*parts, bytes);
  try_passphrase(parts->header);
  try_identity(parts->header);
  open_root({Bytes(bytes.begin(), bytes.end()), Revision{1}}, *parts);
  check_memory();
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  return hand_over(mutated_vault(bytes_of(data, size), most, seed), data, size, most);
}
