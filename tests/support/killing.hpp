#pragma once
#include <csignal>
#include <memory>

#include "tokenvault/provider.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault::test {

/// Counts the moments at which a process could die, and kills it at the chosen one.
class Fate {
 public:
  explicit Fate(int moment) : left_(moment) {}
  void pass() {
    if (--left_ == 0) ::raise(SIGKILL);
  }

 private:
  int left_;
};

/// Before and after each commit.
class KillingStore final : public Store {
 public:
  KillingStore(std::unique_ptr<Store> inner, Fate& fate) : inner_(std::move(inner)), fate_(&fate) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override { return inner_->capabilities(); }
  Result<Root> root() override { return inner_->root(); }
  Result<Bytes> get(const BlobId& id) override { return inner_->get(id); }
  Result<Revision> commit(const Commit& commit) override {
    fate_->pass();
    auto done = inner_->commit(commit);
    fate_->pass();
    return done;
  }
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    return inner_->list(after, limit);
  }
  Result<Revision> revision() override { return inner_->revision(); }
  Status check() override { return inner_->check(); }

 private:
  std::unique_ptr<Store> inner_;
  Fate* fate_;
};

/// Before and after each call, and when a new token has come and is not sealed yet.
class KillingProvider final : public Provider {
  template <typename Call>
  auto around(const Call& call) {
    fate_->pass();
    auto answer = call();
    fate_->pass();
    return answer;
  }

 public:
  KillingProvider(Provider& inner, Fate& fate) : inner_(&inner), fate_(&fate) {}

  Result<ProviderCapabilities> describe() override { return inner_->describe(); }
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
    return around([&] {
      return inner_->issue(request, [&](SecretBuffer value) {
        fate_->pass();
        return keep(std::move(value));
      });
    });
  }
  Result<ProbeAnswer> probe(const ProviderRequest& request) override {
    return around([&] { return inner_->probe(request); });
  }
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override {
    return around([&] { return inner_->revoke(request); });
  }
  Result<FindAnswer> find(const ProviderRequest& request) override {
    return around([&] { return inner_->find(request); });
  }

 private:
  Provider* inner_;
  Fate* fate_;
};

}  // namespace tokenvault::test
