#pragma once
#include <string>

#include "tokenvault/provider.hpp"

namespace tokenvault::cli {

/// A person gets the token, and nobody can be asked about it. Settings: `old` (kept, expires, or dies, the
/// default), `url`, and the steps that the person is told, `step1`, `step2` and so on.
class HumanProvider final : public Provider {
 public:
  /// Errors: invalid_argument, with the setting that cannot be.
  static Result<HumanProvider> open(const std::map<std::string, std::string>& settings);

  Result<ProviderCapabilities> describe() override { return capabilities_; }
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override;
  Result<ProbeAnswer> probe(const ProviderRequest& request) override;

 private:
  explicit HumanProvider(ProviderCapabilities capabilities) : capabilities_(std::move(capabilities)) {}
  ProviderCapabilities capabilities_;
};

}  // namespace tokenvault::cli
