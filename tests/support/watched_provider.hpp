#pragma once
#include <functional>

#include "tokenvault/provider.hpp"

namespace tokenvault::test {

/// Another provider, with a look at what goes on, and a hand in what it answers.
class WatchedProvider final : public Provider {
 public:
  explicit WatchedProvider(Provider& inner) : inner_(&inner) {}

  Result<ProviderCapabilities> describe() override { return inner_->describe(); }
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
    if (before_issue) before_issue(request);
    auto answer = inner_->issue(request, [&](SecretBuffer value) -> Status {
      if (value_seen) value_seen(value);
      auto kept = keep(std::move(value));
      if (after_keep) after_keep();
      return kept;
    });
    if (answer && change_issue) change_issue(*answer);
    return answer;
  }
  Result<ProbeAnswer> probe(const ProviderRequest& request) override {
    if (before_probe) before_probe(request);
    auto answer = inner_->probe(request);
    if (answer && change_probe) change_probe(request, *answer);
    return answer;
  }
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override {
    if (before_revoke) before_revoke(request);
    return inner_->revoke(request);
  }
  Result<FindAnswer> find(const ProviderRequest& request) override { return inner_->find(request); }

  std::function<void(const ProviderRequest&)> before_issue, before_probe, before_revoke;
  std::function<void(const SecretBuffer&)> value_seen;
  std::function<void()> after_keep;
  std::function<void(IssueAnswer&)> change_issue;
  std::function<void(const ProviderRequest&, ProbeAnswer&)> change_probe;

 private:
  Provider* inner_;
};

}  // namespace tokenvault::test
