#include "recipe_provider.hpp"

namespace tokenvault::cli {

ProviderRequest RecipeProvider::told(const ProviderRequest& request) const {
  auto copy = request;
  copy.settings["recipe"] = recipe_;
  return copy;
}

Result<ProviderCapabilities> RecipeProvider::describe() { return program_->describe(); }

Result<IssueAnswer> RecipeProvider::issue(const ProviderRequest& request, const KeepToken& keep) {
  return program_->issue(told(request), keep);
}

Result<ProbeAnswer> RecipeProvider::probe(const ProviderRequest& request) {
  return program_->probe(told(request));
}

Result<RevokeAnswer> RecipeProvider::revoke(const ProviderRequest& request) {
  return program_->revoke(told(request));
}

Result<FindAnswer> RecipeProvider::find(const ProviderRequest& request) {
  return program_->find(told(request));
}

}  // namespace tokenvault::cli
