#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/bytes.hpp"
#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "tokenvault/key_source.hpp"
#include "tokenvault/store.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::format {

using tokenvault::VaultId;

inline constexpr std::array<std::byte, 8> kMagic{std::byte{'T'}, std::byte{'V'}, std::byte{'A'},
                                                 std::byte{'U'}, std::byte{'L'}, std::byte{'T'},
                                                 std::byte{0},   std::byte{1}};
inline constexpr std::size_t kMaxSlots = 32;
inline constexpr std::size_t kMaxPassphrases = 8;
inline constexpr std::size_t kMaxSlotBody = 512;
inline constexpr std::size_t kMaxOldEpochs = 512;
inline constexpr std::size_t kSealedMasterSize = 32 + crypto::kNonceSize + 32 + crypto::kTagSize;

/// One slot as it stands in the header. `type` may be one that this version does not know.
struct Slot {
  std::uint8_t type = 0;
  SlotId id{};
  Bytes body;

  [[nodiscard]] bool known() const noexcept { return type >= 1 && type <= 4; }
  [[nodiscard]] SlotKind kind() const noexcept { return static_cast<SlotKind>(type); }
  // A known slot's parts; its length was checked when it was parsed.
  [[nodiscard]] BytesView params() const noexcept {
    return BytesView(body).first(body.size() - kSealedMasterSize);
  }
  [[nodiscard]] BytesView commit() const noexcept { return BytesView(body).subspan(params().size(), 32); }
  [[nodiscard]] BytesView wrap_nonce() const noexcept {
    return BytesView(body).subspan(params().size() + 32, 24);
  }
  [[nodiscard]] BytesView wrapped() const noexcept { return BytesView(body).last(48); }
};

/// The length of a known type's params.
std::size_t params_size(SlotKind kind) noexcept;
/// A passphrase slot's cost, from its params.
KdfCost cost_of(const Slot& slot) noexcept;
/// A recipient or recovery slot's public key, from its params.
PublicKey public_key_of(const Slot& slot) noexcept;

/// docs/format.md section 3, the part before the MAC.
struct Header {
  VaultId vault_id{};
  std::uint64_t generation = 0;
  std::uint32_t epoch = 0;
  std::vector<Slot> slots;
  Bytes history;
};

/// A root taken apart; the views point into the bytes it was parsed from.
struct RootParts {
  Header header;
  BytesView mac_input;  ///< the header before its MAC
  BytesView mac;
  BytesView header_bytes;  ///< with its MAC: the top node's associated data
  BytesView top_nonce;
  BytesView top_sealed;
};

/// Errors: tampered (does not parse), unsupported (another version).
Result<RootParts> parse_root(BytesView root);

/// The header before its MAC.
Bytes encode_header(const Header& header);

/// The header's MAC under `master`.
crypto::Digest header_mac(const SecretBuffer& master, BytesView mac_input) noexcept;

/// The digest that an anchor keeps of a root.
crypto::Digest anchor_digest(BytesView root) noexcept;

}  // namespace tokenvault::format
