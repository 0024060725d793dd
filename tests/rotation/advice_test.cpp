// What a person is told to do, and what a provider is told and may tell.
#include "rotation/advice.hpp"

#include <string>

#include "rotation/calls.hpp"
#include "support/rotation_fixture.hpp"

using namespace tokenvault;
using namespace tokenvault::rotation;
using namespace tokenvault::test;

namespace {

std::string advice(std::string_view name, Phase phase, bool has_new, Opinion old, Opinion fresh,
                   Act act = Act::probed) {
  return advice_for(name, {.phase = phase, .has_new = has_new, .asks = true}, {act, old, fresh});
}

/// Answers with a text that holds all that it was given.
class Chatterbox final : public Provider {
 public:
  Result<ProviderCapabilities> describe() override { return ProviderCapabilities{}; }
  Result<IssueAnswer> issue(const ProviderRequest&, const KeepToken&) override { return IssueAnswer{}; }
  Result<ProbeAnswer> probe(const ProviderRequest& request) override {
    ProbeAnswer answer;
    answer.state = TokenState::valid;
    for (const auto& [word, value] : request.secrets) answer.message += word + test::text_of(*value);
    return answer;
  }
  Result<FindAnswer> find(const ProviderRequest&) override { return FindAnswer{Reply::done, {"x"}, {}}; }
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override {
    ended = request.id;
    return RevokeAnswer{Reply::done, {}, std::nullopt};
  }
  std::string ended;
};

}  // namespace

TEST_CASE("whoever is waited for is told a command with the token's name, whatever has come of it") {
  for (const auto phase : {Phase::intent, Phase::uncertain, Phase::staged, Phase::retiring})
    for (const bool has_new : {false, true})
      for (const auto old : {Opinion::none, Opinion::invalid})
        for (const auto fresh : {Opinion::none, Opinion::invalid})
          for (const auto act : {Act::probed, Act::objected}) {
            const auto text = advice("acme/api", phase, has_new, old, fresh, act);
            CAPTURE(text);
            CHECK(text.find("`tokenvault rotate ") != std::string::npos);
            CHECK(text.find("acme/api`") != std::string::npos);
            CHECK(text.size() <= format::kMaxNoteSize);
          }
  for (const auto phase : {Phase::idle, Phase::promoted, Phase::done, Phase::aborted})
    CHECK(advice("acme/api", phase, false, Opinion::none, Opinion::none).empty());
}

TEST_CASE("a name that a shell would not take as it is, or that is long, is not part of a command") {
  for (const auto& name : {std::string("two words"), std::string("-x"), std::string(41, 'n')}) {
    const auto text = advice(name, Phase::intent, false, Opinion::none, Opinion::none);
    CHECK(text.find(name) == std::string::npos);
    CHECK(text.find(" NAME`") != std::string::npos);
  }
}

TEST_CASE("a provider gets the secrets that its policy names, and no text of it that holds one is let in") {
  RotationFixture acme(kModels[0].behaviour());
  put(acme.vault, "acme/admin", "the admin's own word");
  Chatterbox chatterbox;
  const std::string name = RotationFixture::kName;
  Calls calls(acme.vault, name, chatterbox);
  Policy policy;
  policy.secrets["admin"] = "acme/admin";
  REQUIRE(calls.gather(policy));
  const auto answer = calls.probe("r", secret("a token"), {});
  CHECK(answer.state == TokenState::valid);
  CHECK(answer.message.empty());
  policy.secrets["other"] = "acme/none";
  CHECK(code_of(calls.gather(policy)) == Errc::not_found);
}

TEST_CASE("what a provider may think of a token is what it said, and unknown where that is no word of ours") {
  CHECK(opinion_of(TokenState::valid) == Opinion::valid);
  CHECK(opinion_of(TokenState::invalid) == Opinion::invalid);
  CHECK(opinion_of(TokenState::unknown) == Opinion::unknown);
  CHECK(opinion_of(static_cast<TokenState>(9)) == Opinion::unknown);
}

TEST_CASE("of tokens that were found none is ended where the one in use may be among them") {
  RotationFixture acme(kModels[0].behaviour());
  Chatterbox chatterbox;
  const std::string name = RotationFixture::kName;
  Calls calls(acme.vault, name, chatterbox);
  const Obligation unseen{0, {}, "a rotation", true};
  const auto current = secret("in use");
  const auto refused = calls.revoke(unseen, current, std::string());
  REQUIRE(refused);
  CHECK(refused->reply == Reply::refused);
  CHECK(calls.revoke(unseen, current, std::string("x"))->reply == Reply::done);
  CHECK(chatterbox.ended.empty());
  CHECK(calls.revoke(unseen, current, std::string("y"))->reply == Reply::done);
  CHECK(chatterbox.ended == "x");
}
