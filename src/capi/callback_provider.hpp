#pragma once
#include "tokenvault.h"
#include "tokenvault/provider.hpp"

namespace tokenvault::capi {

/// A provider whose calls are a C caller's functions. Errors: invalid_argument (a number that means nothing; no
/// `issue` where one is to be called), unsupported (a flag that nobody knows).
class CallbackProvider final : public Provider {
 public:
  static Result<CallbackProvider> open(const tv_provider& given);

  Result<ProviderCapabilities> describe() override;
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override;
  Result<ProbeAnswer> probe(const ProviderRequest& request) override;
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override;

 private:
  explicit CallbackProvider(const tv_provider& given) noexcept : given_(given) {}
  tv_provider given_;
};

}  // namespace tokenvault::capi
