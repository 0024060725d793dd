#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/secret.hpp"

namespace tokenvault {

/// One independent way to unlock a vault. The numbers are those of docs/format.md.
enum class SlotKind : std::uint8_t { passphrase = 1, raw_key = 2, recipient = 3, recovery = 4 };

/// "passphrase", "raw-key", "recipient" or "recovery". Static storage.
[[nodiscard]] TOKENVAULT_API std::string_view to_string(SlotKind kind) noexcept;

using SlotId = std::array<std::byte, 8>;

/// What opens one passphrase or raw-key slot, and nothing beside it: 32 bytes, for a passphrase what Argon2id made of
/// it, for a raw key the key itself. It is a secret like those: it opens the vault until the slot is removed.
struct SlotKey {
  SlotId slot{};
  SlotKind kind = SlotKind::raw_key;
  SecretBuffer key;
};

/// An X25519 public key (RFC 7748): what a vault needs to add somebody who is not at hand.
using PublicKey = std::array<std::byte, 32>;

/// Argon2id cost (RFC 9106) of a passphrase slot, one lane. The default takes about 90 ms and 64 MiB
/// on a 2022 server core. Made: passes 3 to 16, memory 64 MiB to 1 GiB. Opened: 1 to 16, 8 MiB to 1 GiB.
struct KdfCost {
  std::uint32_t passes = 3;
  std::uint32_t memory_kib = 64 * 1024;
};

/// What opens a slot: a secret and how it is used. Move-only; holds its secret in the arena until
/// destroyed. Not thread-safe; cheap to make.
class TOKENVAULT_API KeySource {
 public:
  KeySource(KeySource&&) noexcept = default;
  KeySource& operator=(KeySource&&) noexcept = default;

  /// Exactly 32 bytes of key: a key file, a systemd credential, what a command printed.
  /// Errors: wrong_key for any other length.
  static Result<KeySource> raw_key(SecretBuffer key);
  /// The bytes as given (no normalisation), 1 to 1024. `cost` counts when a slot is made.
  /// Errors: refused for an empty or longer one, or a cost outside KdfCost's limits.
  static Result<KeySource> passphrase(SecretBuffer text, KdfCost cost = {});
  /// The 32-byte X25519 private key of a recipient slot. Errors: wrong_key for any other length.
  static Result<KeySource> identity(SecretBuffer private_key);
  /// A recovery code as a person typed it: case, spaces and hyphens do not matter.
  /// Errors: wrong_key when its checksum says that it was mistyped.
  static Result<KeySource> recovery(const SecretBuffer& code);

  /// What Vault::slot_key() gave: opens that one slot, without Argon2id, and makes none.
  /// Errors: wrong_key for any other length, invalid_argument for a slot of another kind.
  static Result<KeySource> slot_key(SlotKey key);

  [[nodiscard]] SlotKind kind() const noexcept { return kind_; }

 private:
  friend struct KeyAccess;  // src/keys alone looks inside
  KeySource(SlotKind kind, SecretBuffer secret, KdfCost cost) noexcept
      : secret_(std::move(secret)), cost_(cost), kind_(kind) {}
  SecretBuffer secret_;
  KdfCost cost_;
  std::optional<SlotId> slot_;  // the only one that it opens
  SlotKind kind_;
};

/// Reads a secret file: not a symlink, a regular file of this user or root, not writable by others,
/// not readable by others. Bytes as they are. Errors: no_key (absent), refused (any of these, or more
/// than `limit` bytes), permission_denied, io.
TOKENVAULT_API Result<SecretBuffer> read_secret_file(const std::string& path, std::size_t limit);

/// A raw key from a file of exactly 32 bytes. Errors: as read_secret_file; wrong_key for the length.
TOKENVAULT_API Result<KeySource> key_from_file(const std::string& path);

/// Makes a new 32-byte key file, 0600, durable, never over an existing one; missing parent folders
/// are made 0700. Errors: already_exists, permission_denied, io.
TOKENVAULT_API Status make_key_file(const std::string& path);

/// A new X25519 key pair for a recipient slot: the private half stays with its owner.
struct KeyPair {
  SecretBuffer private_key;
  PublicKey public_key;
};
/// Errors: out_of_memory.
TOKENVAULT_API Result<KeyPair> make_key_pair();

}  // namespace tokenvault
