#include "tokenvault/vault.hpp"

#include "format/recovery_code.hpp"
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

Vault::Vault(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Vault::Vault(Vault&&) noexcept = default;
Vault& Vault::operator=(Vault&&) noexcept = default;
Vault::~Vault() = default;

Result<Vault> Vault::create(std::unique_ptr<Store> store, const KeySource& key, const VaultOptions& options) {
  auto impl = std::make_unique<Impl>(std::move(store), options);
  TV_CHECK(impl->create(key));
  return Vault(std::move(impl));
}

Result<Vault> Vault::open(std::unique_ptr<Store> store, const KeySource& key, const VaultOptions& options) {
  auto impl = std::make_unique<Impl>(std::move(store), options);
  TV_CHECK(impl->unlock(key));
  return Vault(std::move(impl));
}

Result<SecretBuffer> Vault::get(std::string_view name, const Pick& pick) const {
  return impl_->get(name, pick);
}

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

Result<std::vector<TokenInfo>> Vault::expiring(Time until) const { return impl_->expiring(until); }
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
Status Vault::rotate_master(const RotateMaster& how) { return impl_->rotate_master(how); }

}  // namespace tokenvault
