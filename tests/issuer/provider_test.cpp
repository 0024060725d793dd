// A service that rotates its own tokens in its own process.
#include "tokenvault/issuer_provider.hpp"

#include "issuer_place.hpp"
#include "support/vault_fixture.hpp"
#include "tokenvault/check_provider.hpp"
#include "tokenvault/rotation.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kName = "acme/api";

/// A token of the issuer's in a vault.
struct Service {
  VaultFixture vaults;
  TempDir folder;
  Issuer issuer = Issuer::open(folder / "issued.db", "org", master_key(), vaults.clock).value();
  IssuerProvider provider{issuer};
  Vault vault = vaults.create();

  explicit Service(const std::string& scopes = "points:read token:rotate") {
    auto issued = issuer.issue({"acme", "ci", scopes, std::nullopt}).value();
    REQUIRE(vault.put(kName, issued.token));
    Policy policy;
    policy.provider = "human";
    policy.grace = 60s;
    REQUIRE(vault.set_policy(kName, policy));
  }
  std::string_view ask(const Pick& pick = {}) {
    const auto value = vault.get(kName, pick);
    REQUIRE(value);
    return word(test::ask(issuer, as_text(value->expose())));
  }
  std::size_t live() {
    const auto rows = issuer.list("acme").value();
    return static_cast<std::size_t>(std::ranges::count_if(rows, [](const TokenRow& row) {
      return row.state == IssuedState::active || row.state == IssuedState::pending;
    }));
  }
};

/// Loses answers: the token is made, and nobody gets it.
class Forgetful final : public Provider {
 public:
  Forgetful(Provider& inner, int losses) : inner_(&inner), losses_(losses) {}
  Result<ProviderCapabilities> describe() override { return inner_->describe(); }
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
    if (losses_-- <= 0) return inner_->issue(request, keep);
    const auto lost = inner_->issue(request, [](SecretBuffer) -> Status { return Ok{}; });
    REQUIRE(lost->reply == Reply::done);
    return IssueAnswer{};
  }
  Result<ProbeAnswer> probe(const ProviderRequest& request) override { return inner_->probe(request); }
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override { return inner_->revoke(request); }

 private:
  Provider* inner_;
  int losses_;
};

}  // namespace

TEST_CASE("it does what it declares") {
  Service service;
  ProviderCheck check;
  check.current = service.vault.get(kName).value();
  check.clock = &service.vaults.clock;
  const auto report = check_provider(service.provider, std::move(check)).value();
  for (const auto& fault : report.faults) FAIL_CHECK(fault);
  CHECK(word(test::ask(service.issuer, as_text(report.token.expose()))) == "");
}

TEST_CASE("a rotation, and the old token ends after its grace") {
  Service service;
  Rotator rotator(service.vault, kName, service.provider);
  const auto went = rotator.rotate();
  REQUIRE_MESSAGE(went, (went ? "" : went.error().message()));
  CHECK(service.vault.info(kName)->version == 2);
  CHECK(service.ask() == "");
  CHECK(service.ask({.stage = Stage::previous}) == "");
  CHECK(service.live() == 2);
  service.vaults.clock.advance(61s);
  CHECK(service.ask({.stage = Stage::previous, .expired_ok = true}) == "expired");
  REQUIRE(rotator.resume());
  CHECK(service.ask() == "");
  CHECK(service.live() == 1);
}

TEST_CASE("lost answers leave one new token, and the vault serves all the time") {
  for (int losses = 1; losses < 4; ++losses) {
    CAPTURE(losses);
    Service service;
    Forgetful provider(service.provider, losses);
    Rotator rotator(service.vault, kName, provider);
    auto went = rotator.rotate();
    for (int tries = 0; tries < 10 && service.vault.info(kName)->version == 1; ++tries) {
      CHECK(service.ask() == "");
      service.vaults.clock.advance(120s);
      went = rotator.resume();
    }
    REQUIRE_MESSAGE(went, (went ? "" : went.error().message()));
    CHECK(service.vault.info(kName)->version == 2);
    CHECK(service.ask() == "");
    CHECK(service.live() == 2);
    service.vaults.clock.advance(61s);
    REQUIRE(rotator.resume());
    CHECK(service.live() == 1);
  }
}

TEST_CASE("a token without the scope, or a dead one, is not rotated") {
  Service service("points:read");
  Rotator rotator(service.vault, kName, service.provider);
  CHECK_FALSE(rotator.rotate());
  CHECK(service.vault.info(kName)->version == 1);
  CHECK(service.ask() == "");
  CHECK(service.live() == 1);
}

TEST_CASE("to end a token that was never used leaves the one before it alone") {
  Service service;
  auto old = service.vault.get(kName).value();
  const auto id = std::string(parse_token(as_text(old.expose()))->id);
  REQUIRE(service.ask() == "");
  const auto next = service.issuer.rotate(id, {"r", 0s, 600s}).value();
  ProviderRequest request;
  request.token = &next.token;
  CHECK(service.provider.revoke(request)->reply == Reply::done);
  CHECK(service.provider.revoke(request)->reply == Reply::done);
  CHECK(word(test::ask(service.issuer, text_of(next))) == "revoked");
  CHECK(service.ask() == "");
}
