#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/backends.hpp"
#include "tokenvault/clock.hpp"
#include "tokenvault/key_source.hpp"
#include "tokenvault/name.hpp"
#include "tokenvault/policy.hpp"
#include "tokenvault/rotation_info.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault {

/// What a version of a token is for. The numbers are those of docs/format.md.
enum class Stage : std::uint8_t { pending = 1, current = 2, previous = 3, retired = 4 };

/// "pending", "current", "previous" or "retired". Static storage.
[[nodiscard]] TOKENVAULT_API std::string_view to_string(Stage stage) noexcept;

/// One value a token has had; everything about it but the value.
struct VersionInfo {
  std::uint32_t number = 0;  ///< from 1, never reused
  Stage stage = Stage::current;
  Time created{};
  std::optional<Time> expires;
};

/// Whoever a token is for would not take it. A mark and no more: the token is handed out as before.
struct Suspicion {
  std::uint32_t version = 0;
  Time since{};
};

/// Everything about a token but its values; all of it is authenticated.
struct TokenInfo {
  std::string name;
  std::string label;
  std::uint32_t version = 0;  ///< the current version's number; 0 when there is none
  Time created{};             ///< of the current version
  std::optional<Time> expires;
  std::optional<Suspicion> suspect;      ///< gone with the next version
  std::vector<VersionInfo> versions;     ///< ascending; empty in list()
  std::optional<Policy> policy;          ///< in info() alone, as the next one
  std::optional<RotationInfo> rotation;  ///< where one was ever begun
};

/// Which version get() is after.
struct Pick {
  Stage stage = Stage::current;  ///< current or previous, when `number` is 0
  std::uint32_t number = 0;      ///< this very version
  bool expired_ok = false;       ///< hand it out although its expiry has passed
};

/// One version's value with its number.
struct Token {
  SecretBuffer value;
  std::uint32_t version = 0;
};

/// What whoever a token is for said of it.
enum class Verdict : std::uint8_t {
  ok,        ///< accepted
  rejected,  ///< refused, as by a 401
  failed,    ///< it gave no answer that says anything about the token
};

/// Uses a token and says how it went. The value is valid during the call only.
using UseToken = std::function<Verdict(const SecretBuffer& value, std::uint32_t version)>;

struct PutOptions {
  std::optional<Time> expires = std::nullopt;
  /// At most 255 bytes of UTF-8 without control characters; kept from before when absent.
  std::optional<std::string> label = std::nullopt;
  /// Only if this is the current version (0: no such token).
  std::optional<std::uint32_t> if_version = std::nullopt;
};

/// One token to be stored with others.
struct NewToken {
  std::string name;
  SecretBuffer value;
  std::optional<Time> expires = std::nullopt;
  std::optional<std::string> label = std::nullopt;
};

/// Gives one token after another, and nothing at the end. An error ends it, and is put_all()'s own.
using TokenSource = std::function<Result<std::optional<NewToken>>()>;

/// What to do with a name that is there already.
enum class Existing : std::uint8_t { refuse, replace, skip };

struct ImportReport {
  std::uint64_t added = 0;
  std::uint64_t replaced = 0;
  std::uint64_t skipped = 0;
};

/// One way into the vault. `label` and `created` are sealed, the rest is public.
struct SlotInfo {
  SlotId id{};
  SlotKind kind = SlotKind::raw_key;
  std::string label;
  Time created{};
  std::optional<KdfCost> cost;          ///< passphrase slots
  std::optional<PublicKey> public_key;  ///< recipient and recovery slots
};

using VaultId = std::array<std::byte, 16>;

struct VaultInfo {
  VaultId vault_id{};
  std::uint64_t generation = 0;  ///< commits so far
  std::uint32_t epoch = 0;       ///< lives of the master key so far
  std::uint64_t tokens = 0;      ///< names that list() gives
  SlotId unlocked_by{};
  std::vector<SlotInfo> slots;
  Capabilities capabilities;
  bool encrypted_at_rest = true;  ///< false for plain environment variables
  std::string anchor_fault;       ///< why the last anchor could not be kept; empty when all is well
};

/// One thing that verify() found wrong.
struct Fault {
  Errc code = Errc::tampered;
  std::string what;  ///< which token or which part, in words
};

struct VerifyReport {
  std::uint64_t tokens = 0;
  std::uint64_t nodes = 0;    ///< of the tree, the one in the root included
  std::uint64_t records = 0;  ///< opened, each of them
  std::uint64_t orphans = 0;  ///< blobs that nothing names: harmless, left by a crash
  std::vector<Fault> faults;  ///< empty: all is well
};

/// How rotate_master treats the slots whose secret is not at hand.
struct RotateMaster {
  std::vector<const KeySource*> keep = {};  ///< secrets of passphrase and raw-key slots to carry over
  std::vector<SlotId> drop = {};            ///< slots that end with this epoch, by id
};

/// What a copy of a vault holds.
struct CopyReport {
  std::uint64_t tokens = 0;  ///< names that list() gives
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;       ///< of root and blobs
  std::uint64_t generation = 0;  ///< of the copy
};

struct RestoreOptions {
  RotateMaster slots = {};  ///< counts where a new epoch has to begin
  bool replace = false;     ///< also over a vault that is newer than the backup
};

struct RestoreReport {
  std::uint64_t generation = 0;
  std::uint64_t tokens = 0;
  std::vector<std::string> dropped = {};  ///< listed before and not in the backup: destroyed, number kept
};

class Lease;
struct PlainEnvironment;
struct PlainMapping;

struct VaultOptions {
  const Clock* clock = nullptr;               ///< system_clock() when null; must outlive the vault
  std::string anchors = {};                   ///< path of the anchors file; empty keeps none
  std::chrono::milliseconds timeout{10'000};  ///< how long a change yields to other writers
};

/// Encrypts tokens and keeps them in a Store. Thread-safe; move-only; many processes may have the
/// same vault open and write to it. Between calls it holds keys, in the arena, and sealed bytes; a
/// value is open only inside get(), the SecretBuffer it returns, and put().
///
/// Every call may also end in: tampered, stale, unavailable, unreachable, permission_denied, io,
/// out_of_memory, and, in a forked child, forked for its parent's vaults, keys and values. A failed call
/// changed nothing unless it says in_doubt.
class TOKENVAULT_API Vault {
 public:
  Vault(Vault&&) noexcept;
  Vault& operator=(Vault&&) noexcept;
  ~Vault();

  /// Makes a vault in `store` whose only slot is `key`, and opens it.
  /// Errors: already_exists (left untouched), read_only.
  static Result<Vault> create(std::unique_ptr<Store> store, const KeySource& key,
                              const VaultOptions& options = {});

  /// Opens the vault in `store`. Checks the header and the top node, not the whole tree (verify()).
  /// Errors: no_vault, wrong_key, tampered, stale, unsupported, refused (KDF cost beyond KdfCost).
  static Result<Vault> open(std::unique_ptr<Store> store, const KeySource& key,
                            const VaultOptions& options = {});

  /// Puts a backup into `store`, newer than everything that this machine has seen of the vault, so that
  /// clients go on with it, and with version numbers beyond those that were given out.
  /// Where `store` is empty the vault gets the backup's own slots; where the anchor knows a later epoch a
  /// new one begins, and options.slots says what becomes of the slots, as in rotate_master(). Where `store`
  /// holds the vault, its slots, keys and epoch stay, and only the contents go back, in one commit.
  /// Errors: refused (another vault's backup; slots that are in neither list; a key that the vault has not
  /// got), conflict (the vault is newer, and not options.replace), stale (see accept_stale), wrong_key,
  /// tampered, already_exists, read_only, in_doubt.
  static Result<RestoreReport> restore(std::unique_ptr<Store> store, std::unique_ptr<Store> backup,
                                       const KeySource& key, const RestoreOptions& options = {},
                                       const VaultOptions& vault_options = {});

  /// Makes the vault in `store`, which is older than what this machine has seen of it, the newest again,
  /// in its place: likewise. Errors: refused (it is not older; slots), no_vault, wrong_key, tampered,
  /// read_only, in_doubt.
  static Result<RestoreReport> accept_stale(std::unique_ptr<Store> store, const KeySource& key,
                                            const RestoreOptions& options = {},
                                            const VaultOptions& vault_options = {});

  /// The value. Errors: not_found (no such token or version), expired, invalid_argument.
  [[nodiscard]] Result<SecretBuffer> get(std::string_view name, const Pick& pick = {}) const;
  /// The same with its version.
  [[nodiscard]] Result<Token> token(std::string_view name, const Pick& pick = {}) const;

  /// Stores `value` (1 byte to kMaxSecretSize) as the next version, makes it current and the former
  /// current one previous; returns its number. Durable when it returns. Errors: invalid_argument,
  /// refused (size, label), conflict (options.if_version), read_only, in_doubt.
  Result<std::uint32_t> put(std::string_view name, const SecretBuffer& value, const PutOptions& options = {});

  /// Stores all that `next` gives in one commit, or nothing. Each value is sealed as soon as it is drawn, so
  /// that one at a time is in memory; what is sealed waits there. `next` is called without any lock held.
  /// Errors: already_exists (a name that is there, with Existing::refuse), invalid_argument (a bad name, or
  /// one given twice), refused (size, label), read_only, in_doubt, and those of `next`.
  Result<ImportReport> put_all(const TokenSource& next, Existing existing = Existing::refuse);

  /// Version `to`'s value as the next version, which never expires. Errors: not_found (no such token or
  /// version), invalid_argument, read_only, in_doubt.
  Result<std::uint32_t> rollback(std::string_view name, std::uint32_t to);

  /// Hides a token with all its versions; put() shows it again, with the next number. Errors: not_found,
  /// invalid_argument, read_only, in_doubt.
  Status erase(std::string_view name);
  /// Shows an erased token again as it was. Errors: not_found (never there, or destroyed), conflict (not
  /// erased), and as erase().
  Status undelete(std::string_view name);
  /// Erases the records of a token, erased or not, for good. Name and last number stay, so that no number
  /// is given out twice. Copies of the store made before still have them. Errors: as erase().
  Status destroy(std::string_view name);
  /// Notes that `version` was rejected by whoever it is for; a version other than the current one leaves
  /// things as they are. Errors: not_found, and as erase().
  Status mark_suspect(std::string_view name, std::uint32_t version);

  /// How the token is to be rotated from now on; nothing ends it being rotated by itself. Errors: refused (see
  /// check_policy(); a secret that is the token itself), not_found, and as erase().
  Status set_policy(std::string_view name, const std::optional<Policy>& policy);

  /// Everything about one token, versions included. Errors: not_found, invalid_argument.
  [[nodiscard]] Result<TokenInfo> info(std::string_view name) const;

  /// All tokens whose name starts with `prefix`, in bytewise order, without their versions. O(n).
  [[nodiscard]] Result<std::vector<TokenInfo>> list(std::string_view prefix = {}) const;

  /// The tokens whose current version expires at `until` or before, the earliest first, without their
  /// versions. Reads those parts of the index only where something may be due.
  [[nodiscard]] Result<std::vector<TokenInfo>> expiring(Time until) const;

  /// The vault itself. Reads the root afresh.
  [[nodiscard]] Result<VaultInfo> info() const;

  /// Walks everything: engine, tree, every record opened, every orphan counted. What it finds wrong
  /// is in the report, not in the error. O(n). Errors: those that keep it from looking at all.
  [[nodiscard]] Result<VerifyReport> verify() const;

  /// Copies root and every blob that the vault names, sealed as they are, into the empty store `target`, in
  /// one commit, and reads everything back. The copy is a whole vault with the same slots. Errors:
  /// already_exists (something is there), refused (too large for it; plain variables, whose key is this
  /// process's own), read_only, in_doubt (it may be there, or is and cannot be read back), tampered.
  Result<CopyReport> backup_to(Store& target) const;
  /// The same, and the copy is the newer one from then on: its generation is 2^32 above this one's, which
  /// reads as stale to whoever saw the copy. Close this vault afterwards. Errors: as backup_to().
  Result<CopyReport> migrate_to(Store& target) const;

  /// A hold on one token that follows its rotation (lease.hpp). It keeps this vault's inside alive.
  [[nodiscard]] Lease lease(std::string name) const;

  /// Calls `use` with the current value. Where it says rejected: once more with a newer version, if there is
  /// one by then, else once with the previous one, if that has not expired. Where that is rejected too, the
  /// token is marked suspect, if the store can be written. Returns what `use` said last. No lock is held
  /// meanwhile. Errors: as get().
  Result<Verdict> with_token(std::string_view name, const UseToken& use);

  /// Blocks until somebody has committed since this vault last looked, or until `timeout` has passed: true
  /// and false. No lock is held meanwhile.
  [[nodiscard]] Result<bool> wait(std::chrono::nanoseconds timeout) const;

  /// Adds a slot for `key`; the others stay. O(1). Errors: already_exists (such a key opens the
  /// vault already), refused (32 slots, or 8 passphrases).
  Result<SlotId> add_key(const KeySource& key, std::string_view label = {});
  /// Adds a slot for the owner of `recipient`'s private key.
  Result<SlotId> add_recipient(const PublicKey& recipient, std::string_view label = {});
  /// Adds a recovery slot and returns the code to be written down, 56 characters in groups of 4. It
  /// is shown by nobody again.
  Result<SecretBuffer> add_recovery(std::string_view label = {});
  /// Removes a slot. Whoever had its secret keeps what they read, and, until rotate_master, can open
  /// what they kept a copy of. Errors: not_found, refused (the last slot).
  Status remove_key(const SlotId& slot);
  /// Which slot `key` opens. Changes nothing. Errors: wrong_key, refused.
  [[nodiscard]] Result<SlotId> check_key(const KeySource& key) const;
  /// What opens this vault again without its passphrase or key file (KeySource::slot_key), in later epochs too, for
  /// as long as the slot stays. Errors: refused (opened by a private key or a recovery code, which may open more than
  /// this vault; plain variables).
  [[nodiscard]] Result<SlotKey> slot_key() const;
  /// A new master key in a new epoch, O(1): records move over as they are next written. The slot that
  /// opened this vault and recipient and recovery slots carry over by themselves; any other must be
  /// in `how`. Errors: refused, naming each slot that is in neither list; wrong_key, not_found.
  Status rotate_master(const RotateMaster& how = {});

 private:
  friend class Lease;
  friend struct VaultAccess;
  friend Result<PlainEnvironment> open_plain_environment(std::span<const PlainMapping> mappings,
                                                         const VaultOptions& options);
  class TOKENVAULT_LOCAL Impl;
  explicit Vault(std::shared_ptr<Impl> impl) noexcept;
  std::shared_ptr<Impl> impl_;  // shared with leases alone
};

/// What a vault shows to whoever has no key.
struct VaultHead {
  VaultId vault_id{};
  std::vector<SlotId> slots;
};

/// What the vault in `store` claims of itself: nothing is opened, and so nothing is proved until Vault::open() has
/// succeeded. Errors: no_vault, tampered (it does not parse), unsupported, and those of `store`.
TOKENVAULT_API Result<VaultHead> read_head(Store& store);

}  // namespace tokenvault
