// A provider is not asked for a new token with one that it takes no more.
#include "support/rotation_fixture.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

TEST_CASE("somebody ended the token at the provider: a person is told, and nothing is ended by asking") {
  for (const auto& model : kModels) {
    CAPTURE(model.name);
    RotationFixture acme(model.behaviour());
    auto others = acme.provider.make_token();
    REQUIRE(others);
    const auto current = acme.vault.get(RotationFixture::kName);
    REQUIRE(current);
    ProviderRequest request;
    request.token = &*current;
    REQUIRE(acme.provider.revoke(request));
    auto rotator = acme.rotator();
    const auto first = rotator.rotate();
    CAPTURE(why(first));
    REQUIRE_FALSE(first);
    CHECK(first.error().code() == Errc::needs_human);
    CHECK(first.error().message().find("get one there") != std::string::npos);
    CHECK(acme.provider.accepts(*others));
    const auto calls = acme.provider.calls();
    CHECK(code_of(rotator.rotate()) == Errc::needs_human);
    CHECK(acme.provider.calls() == calls);
    CHECK(rotator.stage(*std::move(others)));
    const auto done = rotator.rotate();
    CAPTURE(why(done));
    CHECK(done);
    CHECK(acme.serves());
  }
}

TEST_CASE("what the provider does not say of the old token is waited for, where that one dies") {
  RotationFixture acme(kModels[9].behaviour());
  bool silent = true;
  acme.provider.behaviour().fault = [&](std::uint64_t, std::string_view verb) {
    return silent && verb == "probe" ? FakeFault::lose_request : FakeFault::none;
  };
  auto rotator = acme.rotator();
  CHECK(code_of(rotator.rotate()) == Errc::unreachable);
  CHECK(acme.provider.made() == 0);
  CHECK(acme.status().phase == Phase::intent);
  silent = false;
  CHECK(rotator.rotate());
  CHECK(acme.serves());
}
