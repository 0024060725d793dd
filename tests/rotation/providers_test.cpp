// Providers as a person or a library meets them, without a rotation: what they declare, and what they are asked.
#include "tokenvault/provider.hpp"

#include "support/rotation_fixture.hpp"
#include "tokenvault/human_provider.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

using Settings = std::map<std::string, std::string>;

ProviderCapabilities human(const Settings& settings) {
  const auto provider = open_human_provider(settings);
  REQUIRE(provider);
  auto declared = (*provider)->describe();
  REQUIRE(declared);
  return *std::move(declared);
}

/// Says when each token that it makes ends.
class Expiring final : public Provider {
 public:
  Expiring(FakeProvider& inner, Time expires) : inner_(&inner), expires_(expires) {}
  Result<ProviderCapabilities> describe() override { return inner_->describe(); }
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
    auto answer = inner_->issue(request, keep);
    if (answer) answer->expires = expires_;
    return answer;
  }
  Result<ProbeAnswer> probe(const ProviderRequest& request) override { return inner_->probe(request); }

 private:
  FakeProvider* inner_;
  Time expires_;
};

}  // namespace

TEST_CASE("a person is told the usual steps, those with an address, or one's own") {
  CHECK(human({}).steps.size() == 3);
  CHECK(human({{"url", "https://acme.example/admin"}}).steps[0] == "open https://acme.example/admin");
  CHECK(human({{"step1", "ring Ann"}, {"step2", "write it down"}, {"step4", "is not told"}}).steps ==
        std::vector<std::string>{"ring Ann", "write it down"});
}

TEST_CASE("what becomes of the old token where a person gets the new one is what the settings say") {
  CHECK(human({}).old == OldToken::dies);
  CHECK(human({{"old", "dies"}}).old == OldToken::dies);
  CHECK(human({{"old", "kept"}}).old == OldToken::kept);
  CHECK(human({{"old", "expires"}}).old == OldToken::expires);
  CHECK(code_of(open_human_provider({{"old", "lives"}})) == Errc::invalid_argument);
}

TEST_CASE("a step is a line of at most 200 bytes") {
  CHECK(open_human_provider({{"step1", std::string(200, 's')}}));
  for (const auto& step : {std::string(201, 's'), std::string("two\nlines")}) {
    CHECK(code_of(open_human_provider({{"step1", step}})) == Errc::invalid_argument);
    ProviderCapabilities declared;
    declared.steps = {step};
    CHECK(code_of(check_capabilities(declared)) == Errc::refused);
  }
}

TEST_CASE("nobody can be asked where a person gets the token") {
  const auto provider = open_human_provider();
  REQUIRE(provider);
  const auto issued = (*provider)->issue({}, [](SecretBuffer) -> Status { return Ok{}; });
  REQUIRE(issued);
  CHECK(issued->reply == Reply::refused);
  CHECK((*provider)->probe({})->state == TokenState::unknown);
  CHECK((*provider)->revoke({})->reply == Reply::refused);
  CHECK((*provider)->find({})->reply == Reply::refused);
}

TEST_CASE("a provider is asked about a token, expired or not, and nothing changes") {
  RotationFixture acme(kModels[0].behaviour());
  const std::string name = RotationFixture::kName;
  const auto current = acme.vault.get(name);
  REQUIRE(current);
  REQUIRE(acme.vault.put(name, secret("unheard of"),
                         {.expires = acme.vaults.clock.now() + std::chrono::seconds(1)}));
  acme.vaults.clock.advance(std::chrono::seconds(2));
  const auto before = acme.vault.info()->generation;
  CHECK(probe_token(acme.vault, name, acme.provider, {.number = 1})->state == TokenState::valid);
  CHECK(probe_token(acme.vault, name, acme.provider, {})->state == TokenState::invalid);
  CHECK(code_of(probe_token(acme.vault, name, acme.provider, {.number = 3})) == Errc::not_found);
  CHECK(code_of(probe_token(acme.vault, "nobody", acme.provider, {})) == Errc::not_found);
  CHECK(acme.vault.info()->generation == before);
  CHECK(acme.vault.token(name, {.number = 1})->version == 1);
}

TEST_CASE("when a new token ends is told by the provider, and kept with it") {
  RotationFixture acme(kModels[0].behaviour());
  const auto end = acme.vaults.clock.now() + std::chrono::hours(5);
  Expiring expiring(acme.provider, end);
  Rotator rotator(acme.vault, RotationFixture::kName, expiring, acme.options());
  REQUIRE(rotator.rotate());
  CHECK(acme.vault.info(RotationFixture::kName)->expires == end);
}

TEST_CASE("a rotator can be handed on, and take another one's place") {
  RotationFixture acme(kModels[0].behaviour());
  auto first = acme.rotator();
  Rotator second(std::move(first));
  REQUIRE(second.rotate());
  second = acme.rotator();
  CHECK(second.status()->phase == acme.status().phase);
}

TEST_CASE("nothing is retired of a token that was never rotated, nor before the new one is in use") {
  FakeBehaviour by_hand;
  by_hand.capabilities.issue = Issue::human;
  by_hand.capabilities.probe = false;
  RotationFixture acme(by_hand);
  auto rotator = acme.rotator();
  const auto idle = rotator.retire(true);
  REQUIRE_MESSAGE(idle, why(idle));
  CHECK(idle->phase == Phase::idle);
  REQUIRE(rotator.stage(secret("the new one")));
  CHECK(code_of(rotator.retire(true)) == Errc::conflict);
  CHECK(acme.status().phase == Phase::staged);
}
