// Reading and writing the one mutable cell: create, unlock, refresh, change, settle.
#include <algorithm>

#include "core/mutant.hpp"
#include "crypto/random.hpp"
#include "vault/impl.hpp"

namespace tokenvault {
namespace {

constexpr auto kLongestWait = std::chrono::milliseconds(250);

}  // namespace

std::uint64_t Vault::Impl::now() const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(clock_.now().time_since_epoch().count(), 1));
}

Status Vault::Impl::create(const KeySource& key) {
  TV_TRY(const bool taken, has_root());
  if (!mutated("vault.taken") && taken) return Error(Errc::already_exists, "there is a vault here already");
  state_.header.vault_id = crypto::random_array<16>();
  state_.header.epoch = 1;
  TV_TRY(state_.tree_key, SecretBuffer::allocate(32));
  crypto::random_fill(state_.tree_key.expose_writable());
  TV_TRY(auto master, SecretBuffer::allocate(32));
  crypto::random_fill(master.expose_writable());
  TV_TRY(auto slot, keys::make_slot(key, {state_.header.vault_id, 1}, master));
  TV_TRY(state_.keys, Keyring::make(state_.header, std::move(master)));
  TV_TRY(unlocker_.key, keys::slot_key(key, slot));
  unlocker_.slot = slot.id;
  Draft draft(*store_, state_, now());
  TV_CHECK(draft.add_slot(std::move(slot), {}));
  TV_CHECK(draft.seal());
  TV_TRY(const bool won, settle(draft, deadline()));
  if (!won) return Error(Errc::already_exists, "somebody else has just made a vault here");
  return Ok{};
}

Result<bool> Vault::Impl::has_root() {
  TV_TRY(const auto before, store_->revision());
  if (before != Revision::absent) return true;
  TV_TRY(const auto left, store_->list(std::nullopt, 1));
  // Root and records come in one commit: whoever saw none and then the other looked across one.
  TV_TRY(const auto after, store_->revision());
  if (after != Revision::absent) return true;
  if (left.empty() || mutated("vault.lost_root")) return false;
  return Error(Errc::tampered, "the vault has lost its root, and its records are still there");
}

Status Vault::Impl::unlock(const KeySource& key) {
  TV_TRY(const auto anchors, anchors_.sample());
  return unlock(key, anchors);
}

Status Vault::Impl::unlock(const KeySource& key, const Anchors& anchors) {
  TV_TRY(const auto root, store_->root());
  TV_TRY(const auto parts, format::parse_root(root.bytes));
  TV_TRY(auto unlocked, keys::unlock(parts.header, key));
  TV_TRY(auto opened, open_state(root, parts, std::move(unlocked.master), anchors));
  state_ = std::move(opened);
  unlocker_ = {unlocked.slot, std::move(unlocked.key)};
  return Ok{};
}

/// Asked before the lock and the store are touched: after a fork neither can be trusted. The
/// unlocker's key never changes in an open vault, so it can be looked at without the lock.
Status Vault::Impl::check_alive() const {
  if (mutated("vault.forked") || !unlocker_.key.expose().empty()) return Ok{};
  return Error(Errc::forked, "an open vault does not cross fork(): open it again in the child");
}

Status Vault::Impl::refresh() {
  TV_TRY(const auto revision, store_->revision());
  return revision == state_.revision ? Status(Ok{}) : load();
}

Status Vault::Impl::load() {
  TV_TRY(const auto anchors, anchors_.sample());
  TV_TRY(const auto root, store_->root());
  TV_TRY(const auto parts, format::parse_root(root.bytes));
  if (!mutated("vault.other") && parts.header.vault_id != state_.header.vault_id)
    return Error(Errc::stale, "another vault has been put in this one's place");
  TV_TRY(auto master, reopen(parts.header, unlocker_));
  TV_TRY(auto next, open_state(root, parts, std::move(master), anchors));
  if (!mutated("vault.follows")) TV_CHECK(next.keys.check_follows(state_.keys));
  if (!mutated("vault.forward")) TV_CHECK(check_fresh(state_.anchor(), next.anchor()));
  state_ = std::move(next);
  if (!mutated("vault.stale_cache")) hot_.forget();
  return Ok{};
}

/// Where asking for the revision costs as much as the commit, which asks as well, the first try goes without; but
/// what it finds to be wrong may only be out of date.
Status Vault::Impl::change(const std::function<Status(Draft&)>& body) {
  TV_CHECK(check_alive());
  const auto until = deadline();
  bool asks = !store_->capabilities().wait;
  for (int attempt = 0;; ++attempt) {
    {
      const std::unique_lock lock(mutex_);
      if (asks) TV_CHECK(refresh());
      Draft draft(*store_, state_, now(), known_nodes());
      auto made = body(draft);
      const bool idle = made && draft.given_up();
      if (idle && asks) return Ok{};
      if (made && !idle) made = draft.seal();
      if (!made && !draft.moved() && asks) return made;
      if (made && !idle) {
        TV_TRY(const bool won, settle(draft, until));
        if (won) return Ok{};
      }
    }
    if (clock_.steady() >= until)
      return Error(Errc::unavailable, "other writers did not yield in time: try again");
    if (asks) back_off(attempt);
    asks = true;
  }
}

Result<bool> Vault::Impl::settle(Draft& draft, std::chrono::nanoseconds deadline) {
  bool doubt = false;
  for (int attempt = 0;; ++attempt) {
    const auto committed = store_->commit(draft.commit());
    if (committed) {
      std::move(draft).adopt(state_, *committed);
      note_commit();
      return true;
    }
    const auto code = committed.error().code();
    doubt = doubt || (!mutated("vault.doubt") && code == Errc::in_doubt);
    if (!doubt && code == Errc::conflict) return mutated("vault.conflict");
    if (!doubt) return committed.error();
    const auto seen = look_for(draft);
    if (seen && *seen == Seen::done) return true;
    if (seen && *seen == Seen::beaten) return false;
    if (!seen && seen.error().code() == Errc::in_doubt) return seen.error();
    if (clock_.steady() >= deadline)
      return Error(Errc::in_doubt,
                   "the store did not say whether the change happened: look before doing it again");
    back_off(attempt);
  }
}

Result<Seen> Vault::Impl::look_for(const Draft& draft) {
  const auto started_from = state_.revision;
  TV_TRY(const auto revision, store_->revision());
  if (revision == started_from) return Seen::not_yet;
  const auto loaded = load();
  if (!loaded && loaded.error().code() == Errc::stale && started_from == Revision::absent)
    return Seen::beaten;
  TV_CHECK(loaded);
  note_commit();
  if (mutated("vault.look_for") ||
      std::ranges::find(state_.top.commits, draft.id()) != state_.top.commits.end())
    return Seen::done;
  if (!mutated("vault.many_others") && state_.header.generation >= draft.generation() + format::kMaxCommits)
    return Error(Errc::in_doubt, "too many other changes to tell whether this one happened");
  return Seen::beaten;
}

void Vault::Impl::note_anchor(const Anchor& anchor) {
  const auto kept =
      mutated("vault.note") ? Status(Ok{}) : anchors_.merge(state_.header.vault_id, anchor, clock_);
  anchor_fault_ = kept ? std::string() : kept.error().message();
}

/// Full jitter: a crowd of writers spreads out instead of meeting again.
void Vault::Impl::back_off(int attempt) const {
  const auto most = std::min<std::int64_t>(std::chrono::nanoseconds(kLongestWait).count(),
                                           std::int64_t{1'000'000} << std::min(attempt, 8));
  const auto bytes = crypto::random_array<8>();
  const auto random = Reader(bytes).u64();
  clock_.sleep(std::chrono::nanoseconds(random % static_cast<std::uint64_t>(most) + 1));
}

}  // namespace tokenvault
