#include "tokenvault/vault.hpp"

#include "format/recovery_code.hpp"
#include "tokenvault/lease.hpp"
#include "vault/impl.hpp"

namespace tokenvault {

std::string_view to_string(Stage stage) noexcept {
  switch (stage) {
    case Stage::pending: return "pending";
    case Stage::current: return "current";
    case Stage::previous: return "previous";
    case Stage::retired: return "retired";
  }
  return "unknown";
}

Vault::Vault(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Vault::Vault(Vault&&) noexcept = default;
Vault& Vault::operator=(Vault&&) noexcept = default;
Vault::~Vault() = default;

Result<Vault> Vault::create(std::unique_ptr<Store> store, const KeySource& key, const VaultOptions& options) {
  auto impl = std::make_shared<Impl>(std::move(store), options);
  TV_CHECK(impl->create(key));
  return Vault(std::move(impl));
}

Result<Vault> Vault::open(std::unique_ptr<Store> store, const KeySource& key, const VaultOptions& options) {
  auto impl = std::make_shared<Impl>(std::move(store), options);
  TV_CHECK(impl->unlock(key));
  return Vault(std::move(impl));
}

Result<RestoreReport> Vault::restore(std::unique_ptr<Store> store, std::unique_ptr<Store> backup,
                                     const KeySource& key, const RestoreOptions& options,
                                     const VaultOptions& vault_options) {
  // Without anchors: a backup is older than its vault, and is meant to be.
  auto unanchored = vault_options;
  unanchored.anchors.clear();
  Impl from(std::move(backup), unanchored);
  TV_CHECK(from.unlock(key));
  Impl to(std::move(store), vault_options);
  return to.restore(from, key, options);
}

Result<RestoreReport> Vault::accept_stale(std::unique_ptr<Store> store, const KeySource& key,
                                          const RestoreOptions& options, const VaultOptions& vault_options) {
  Impl impl(std::move(store), vault_options);
  return impl.accept_stale(key, options);
}

Result<SecretBuffer> Vault::get(std::string_view name, const Pick& pick) const {
  return impl_->get(name, pick);
}

Result<Token> Vault::token(std::string_view name, const Pick& pick) const { return impl_->token(name, pick); }

Result<std::uint32_t> Vault::put(std::string_view name, const SecretBuffer& value,
                                 const PutOptions& options) {
  return impl_->put(name, value, options);
}

Result<std::uint32_t> Vault::rollback(std::string_view name, std::uint32_t to) {
  return impl_->rollback(name, to);
}

Status Vault::erase(std::string_view name) { return impl_->erase(name); }
Status Vault::undelete(std::string_view name) { return impl_->undelete(name); }
Status Vault::destroy(std::string_view name) { return impl_->destroy(name); }

Status Vault::mark_suspect(std::string_view name, std::uint32_t version) {
  return impl_->mark_suspect(name, version);
}

Status Vault::set_policy(std::string_view name, const std::optional<Policy>& policy) {
  return impl_->set_policy(name, policy);
}

Result<std::vector<TokenInfo>> Vault::expiring(Time until) const { return impl_->expiring(until); }
Result<ImportReport> Vault::put_all(const TokenSource& next, Existing existing) {
  return impl_->put_all(next, existing);
}

Result<CopyReport> Vault::backup_to(Store& target) const { return impl_->backup_to(target); }
Result<CopyReport> Vault::migrate_to(Store& target) const { return impl_->migrate_to(target); }
Lease Vault::lease(std::string name) const { return {impl_, std::move(name)}; }

Result<Verdict> Vault::with_token(std::string_view name, const UseToken& use) {
  return impl_->with_token(name, use);
}

Result<bool> Vault::wait(std::chrono::nanoseconds timeout) const { return impl_->wait(timeout); }
Result<TokenInfo> Vault::info(std::string_view name) const { return impl_->info(name); }
Result<std::vector<TokenInfo>> Vault::list(std::string_view prefix) const { return impl_->list(prefix); }
Result<VaultInfo> Vault::info() const { return impl_->info(); }
Result<VerifyReport> Vault::verify() const { return impl_->verify(); }

Result<SlotId> Vault::add_key(const KeySource& key, std::string_view label) {
  return impl_->add_key(key, label);
}

Result<SlotId> Vault::add_recipient(const PublicKey& recipient, std::string_view label) {
  return impl_->add_recipient(SlotKind::recipient, recipient, label);
}

Result<SecretBuffer> Vault::add_recovery(std::string_view label) {
  TV_TRY(const auto pair, make_key_pair());
  TV_TRY(auto code, format::encode_recovery(pair.private_key));
  TV_CHECK(impl_->add_recipient(SlotKind::recovery, pair.public_key, label));
  return code;
}

Status Vault::remove_key(const SlotId& slot) { return impl_->remove_key(slot); }
Result<SlotId> Vault::check_key(const KeySource& key) const { return impl_->check_key(key); }
Result<SlotKey> Vault::slot_key() const { return impl_->slot_key(); }
Status Vault::rotate_master(const RotateMaster& how) { return impl_->rotate_master(how); }

Result<VaultHead> read_head(Store& store) {
  TV_TRY(const auto root, store.root());
  TV_TRY(const auto parts, format::parse_root(root.bytes));
  VaultHead head{parts.header.vault_id, {}};
  for (const auto& slot : parts.header.slots) head.slots.push_back(slot.id);
  return head;
}

}  // namespace tokenvault
