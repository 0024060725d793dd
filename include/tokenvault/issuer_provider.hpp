#pragma once
#include <string>

#include "tokenvault/issuer.hpp"
#include "tokenvault/provider.hpp"

namespace tokenvault {

/// The provider for tokens of an Issuer in the same process: a service that rotates its own. Declares: replay_safe (a
/// repeated issue() ends the unused token and makes another), old tokens expire, can revoke. A token may rotate itself
/// where it has the scope `rotate_scope`, which is asked anew at each issue(). Nothing is refused to revoke().
class TOKENVAULT_API IssuerProvider final : public Provider {
 public:
  /// `issuer` must outlive it.
  explicit IssuerProvider(Issuer& issuer, std::string rotate_scope = "token:rotate");

  Result<ProviderCapabilities> describe() override;
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override;
  Result<ProbeAnswer> probe(const ProviderRequest& request) override;
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override;

 private:
  Issuer* issuer_;
  std::string rotate_scope_;
};

}  // namespace tokenvault
