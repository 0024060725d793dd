#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <shared_mutex>

#include "core/try.hpp"
#include "format/rotation.hpp"
#include "tokenvault/vault.hpp"
#include "vault/draft.hpp"
#include "vault/hot_records.hpp"
#include "vault/snapshot.hpp"

namespace tokenvault {

/// How a commit whose answer was lost turned out.
enum class Seen : std::uint8_t { done, not_yet, beaten };

/// Whether a read may go by what the store was told, a second late at most, or asks.
enum class Newness : std::uint8_t { asked, told };

class TOKENVAULT_LOCAL Vault::Impl {
 public:
  Impl(std::unique_ptr<Store> store, const VaultOptions& options)
      : store_(std::move(store)),
        clock_(options.clock != nullptr ? *options.clock : system_clock()),
        anchors_(options.anchors),
        timeout_(options.timeout) {}

  Status create(const KeySource& key);
  Status unlock(const KeySource& key);
  Status unlock(const KeySource& key, const Anchors& anchors);
  Result<RestoreReport> restore(Impl& backup, const KeySource& key, const RestoreOptions& options);
  Result<RestoreReport> accept_stale(const KeySource& key, const RestoreOptions& options);

  /// What is in it was not encrypted where it comes from.
  void call_plain() noexcept { plain_ = true; }

  Result<SecretBuffer> get(std::string_view name, const Pick& pick, Newness newness = Newness::asked);
  Result<Token> token(std::string_view name, const Pick& pick, Newness newness = Newness::asked);
  Result<std::uint32_t> put(std::string_view name, const SecretBuffer& value, const PutOptions& options);
  Result<std::uint32_t> rollback(std::string_view name, std::uint32_t to);
  Status erase(std::string_view name);
  Status undelete(std::string_view name);
  Status destroy(std::string_view name);
  Status mark_suspect(std::string_view name, std::uint32_t version);
  Status set_policy(std::string_view name, const std::optional<Policy>& policy);
  Result<std::vector<TokenInfo>> expiring(Time until);
  Result<TokenInfo> info(std::string_view name);
  Result<std::vector<TokenInfo>> list(std::string_view prefix);
  Result<VaultInfo> info();
  Result<VerifyReport> verify();

  Result<ImportReport> put_all(const TokenSource& next, Existing existing);
  Result<CopyReport> backup_to(Store& target);
  Result<CopyReport> migrate_to(Store& target);

  Result<Verdict> with_token(std::string_view name, const UseToken& use, Newness newness = Newness::asked);
  Result<bool> wait(std::chrono::nanoseconds timeout);
  Result<std::uint32_t> wait_for_other(std::string_view name, std::uint32_t version,
                                       std::chrono::nanoseconds timeout);

  Result<SlotId> add_key(const KeySource& key, std::string_view label);
  Result<SlotId> add_recipient(SlotKind kind, const PublicKey& recipient, std::string_view label);
  Status remove_key(const SlotId& slot);
  Result<SlotId> check_key(const KeySource& key);
  Result<SlotKey> slot_key();
  Status rotate_master(const RotateMaster& how);

  // What rotation is built on.
  /// Changes the entry of a token that was put once; a name never put is not_found. `body` may run many
  /// times, and may give the draft up.
  Status change_entry(std::string_view name, const std::function<Status(Draft&, format::Entry&)>& body);
  /// The entry as it is now. Errors: not_found.
  Result<format::Entry> entry(std::string_view name);
  /// The entries that ask for attention at `until` or before.
  Result<std::vector<format::Entry>> waking(Time until);
  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }

 private:
  /// Runs `body` on the newest state, in one view of the store, again where somebody committed
  /// meanwhile. Takes the vault's lock.
  template <typename T>
  Result<T> read(const std::function<Result<T>(NodeReader&)>& body);

  /// Runs `body` on a draft of the next root and commits it: again after a conflict, with back-off,
  /// until the time-out. `body` may run many times. Takes the vault's lock, except while it
  /// waits for another writer: a doubt is settled, and the anchor kept, with the lock held.
  Status change(const std::function<Status(Draft&)>& body);

  /// Whether the store has a root. Errors: tampered where records are left without one.
  Result<bool> has_root();
  Result<RestoreReport> restore_anew(Impl& backup, const Snapshot& copy, const Anchor& seen,
                                     const RestoreOptions& options);
  Result<RestoreReport> restore_over(const State& backup, const Snapshot& copy,
                                     const RestoreOptions& options);
  Result<format::SealedBlob> seal_first(std::string_view name, const SecretBuffer& value);
  Result<std::optional<Token>> second_choice(std::string_view name, std::uint32_t rejected);

  [[nodiscard]] Status check_alive() const;
  [[nodiscard]] Status need_key_of_somebody() const;

  // All below: with the lock held.
  Status refresh();  ///< makes state_ the store's newest root
  Status load();     ///< reads and authenticates the root, whatever the revision
  Result<bool> settle(Draft& draft, std::chrono::nanoseconds deadline);  ///< false: somebody else won
  Result<Seen> look_for(const Draft& draft);
  void note_commit() { note_anchor(state_.anchor()); }
  void note_anchor(const Anchor& anchor);
  void back_off(int attempt) const;
  /// Null where the store is near: it knows them as fast.
  [[nodiscard]] SealedNodes* known_nodes() noexcept {
    return store_->capabilities().wait ? &known_nodes_ : nullptr;
  }
  [[nodiscard]] std::chrono::nanoseconds deadline() const { return clock_.steady() + timeout_; }

  Result<Revision> newest(Newness newness);
  std::optional<Result<Token>> warm(std::string_view name, const Pick& pick, Newness newness);
  Result<Token> open_version(NodeReader& nodes, const format::Entry& entry, const Pick& pick);
  Result<SecretBuffer> open_hot(std::string_view name, const HotRecord& hot, const Pick& pick);
  [[nodiscard]] Status check_expiry(std::string_view name, std::uint64_t expires, const Pick& pick) const;
  [[nodiscard]] std::uint64_t now() const;

  std::unique_ptr<Store> store_;
  const Clock& clock_;
  AnchorFile anchors_;
  std::string anchor_fault_;
  std::chrono::nanoseconds timeout_;
  std::shared_mutex mutex_;  // guards all below
  State state_;
  Unlocker unlocker_;
  HotRecords hot_;
  SealedNodes known_nodes_;
  std::atomic<bool> plain_ = false;
};

template <typename T>
Result<T> Vault::Impl::read(const std::function<Result<T>(NodeReader&)>& body) {
  constexpr int kTries = 16;
  TV_CHECK(check_alive());
  const std::unique_lock lock(mutex_);
  for (int attempt = 1;; ++attempt) {
    // Before the view opens: a view may be older than the anchors sampled after it, and look stale.
    TV_CHECK(refresh());
    const ReadScope scope(*store_);
    NodeReader nodes(*store_, state_, false, known_nodes());
    auto result = body(nodes);
    if (result || !nodes.moved() || attempt == kTries) return result;
  }
}

/// A new master key in an epoch above `above`, with the slots that carry over. Errors: as rotate_master.
Status renew_master(Draft& draft, const Unlocker& own, const RotateMaster& how, std::uint32_t above);

/// What is left of a token that is destroyed.
format::Entry destroyed(format::Entry entry);

/// What is told of a token, and no value.
TokenInfo describe(const format::Entry& entry);

Error no_token(std::string_view name);

/// The earliest moment that asks for attention: of an expiry, a policy, a rotation.
std::uint64_t wake_of(const format::Entry& entry);

/// Needs_human while the token's rotation is open: its versions are the rotation's then.
Status need_no_rotation(const format::Entry& entry);
/// The same, and refused while a version may still be good at the provider.
Status need_no_obligation(const format::Entry& entry);

RotationInfo describe_rotation(const std::string& name, const format::Rotation& rotation);

/// What every put is held to. Errors: invalid_argument, refused, forked.
Status check_put(std::string_view name, const SecretBuffer& value, const PutOptions& options);

/// Makes `value` the entry's next version and the current one. Errors: refused (no number left), and
/// those of sealing.
Status add_version(Draft& draft, format::Entry& entry, const SecretBuffer& value, const PutOptions& options);
/// Makes `value` the next version, with `stage` and no more: pending, or retired.
Status add_aside(Draft& draft, format::Entry& entry, const SecretBuffer& value, Stage stage);
/// Takes the oldest versions away beyond 100, but for those that are in use or yet to be revoked.
void trim(format::Entry& entry, Draft& draft);
/// The former current version becomes previous, and what was previous is retired.
void step_down(format::Entry& entry);
/// As add_version, for a value whose record is in the draft already.
Status place_version(Draft& draft, format::Entry& entry, const format::Pointer& record,
                     const PutOptions& options);

}  // namespace tokenvault
