#pragma once
#include <memory>
#include <string>

#include "tokenvault/provider.hpp"

namespace tokenvault::cli {

/// The program that runs recipes, told which one by the setting `recipe`.
class RecipeProvider final : public Provider {
 public:
  RecipeProvider(std::unique_ptr<Provider> program, std::string recipe)
      : program_(std::move(program)), recipe_(std::move(recipe)) {}

  Result<ProviderCapabilities> describe() override;
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override;
  Result<ProbeAnswer> probe(const ProviderRequest& request) override;
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override;
  Result<FindAnswer> find(const ProviderRequest& request) override;

 private:
  [[nodiscard]] ProviderRequest told(const ProviderRequest& request) const;
  std::unique_ptr<Provider> program_;
  std::string recipe_;
};

}  // namespace tokenvault::cli
