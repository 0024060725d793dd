// Providers that behave pass, and each way to misbehave is found by its name.
#include "tokenvault/check_provider.hpp"

#include <algorithm>

#include "support/rotation_fixture.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

using namespace std::chrono_literals;

/// Hands everything on; each test makes it lie in one thing.
class Liar : public Provider {
 public:
  explicit Liar(FakeProvider& honest) : honest_(&honest) {}
  Result<ProviderCapabilities> describe() override { return honest_->describe(); }
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
    return honest_->issue(request, keep);
  }
  Result<ProbeAnswer> probe(const ProviderRequest& request) override { return honest_->probe(request); }
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override { return honest_->revoke(request); }
  Result<FindAnswer> find(const ProviderRequest& request) override { return honest_->find(request); }

 protected:
  FakeProvider* honest_;
};

struct Checked {
  FakeClock clock;
  FakeProvider honest;

  explicit Checked(const FakeBehaviour& how) : honest(how, clock) {}

  ProviderReport check(Provider& provider, std::chrono::seconds settle = 0s) {
    auto current = honest.make_token();
    REQUIRE(current);
    ProviderCheck check;
    check.current = *std::move(current);
    check.settle = settle;
    check.clock = &clock;
    auto report = check_provider(provider, std::move(check));
    REQUIRE(report);
    return *std::move(report);
  }
  ProviderReport check(std::chrono::seconds settle = 0s) { return check(honest, settle); }
};

std::string all(const ProviderReport& report) {
  std::string text;
  for (const auto& fault : report.faults) text += fault + "\n";
  return text;
}

bool finds(const ProviderReport& report, std::string_view fault) {
  CAPTURE(all(report));
  const bool found = std::ranges::find(report.faults, fault) != report.faults.end();
  CHECK_MESSAGE(found, std::string(fault));
  return found;
}

/// Of those that can do most.
FakeBehaviour able(Issue issue = Issue::once, OldToken old = OldToken::kept) {
  return ProviderModel{"", issue, old, true, true, false, false}.behaviour();
}

template <typename Kind>
ProviderReport check_liar(const FakeBehaviour& how) {
  Checked place(how);
  Kind liar(place.honest);
  return place.check(liar);
}

}  // namespace

TEST_CASE("every kind of provider as it is met behaves") {
  for (const auto& model : kModels) {
    CAPTURE(model.name);
    Checked place(model.behaviour());
    const auto report = place.check();
    CHECK(all(report) == "");
    CHECK(place.honest.accepts(report.token));
    CHECK(report.calls == place.honest.calls());
    CHECK(place.honest.made() == 1);
    CHECK(place.honest.live() == (model.old == OldToken::dies || model.revoke ? 1 : 2));
  }
}

TEST_CASE("where a person makes the tokens, nothing is made") {
  FakeBehaviour how;
  Checked place(how);
  const auto report = place.check();
  CHECK(all(report) == "");
  CHECK(place.honest.made() == 0);
  CHECK(place.honest.accepts(report.token));
}

TEST_CASE("what is seen late is waited for as long as it is declared, or allowed") {
  auto how = able();
  how.probes_until_seen = 3;
  CHECK(finds(Checked(how).check(), "issue: the new token is not valid in time"));
  CHECK(all(Checked(how).check(5s)) == "");
  how.capabilities.propagation = 5s;
  CHECK(all(Checked(how).check()) == "");
}

TEST_CASE("what a fake provider can be told to do wrong is found") {
  auto same = able();
  same.same_value = true;
  CHECK(finds(Checked(same).check(), "issue: the new token is the current one again"));
  auto foreign = able();
  foreign.wrong_owner = true;
  CHECK(finds(Checked(foreign).check(), "issue: the new token belongs to another owner"));
  auto unprintable = able();
  unprintable.prefix = "a b";
  CHECK(finds(Checked(unprintable).check(), "issue: the new token has bytes that no header can carry"));
  auto short_lived = able(Issue::once, OldToken::expires);
  short_lived.capabilities.overlap = 0s;
  CHECK(all(Checked(short_lived).check()) == "");
}

TEST_CASE("every fault in every call is found, and a good token is never lost") {
  for (const auto& model : kModels)
    for (const auto fault : {FakeFault::refuse, FakeFault::lose_request, FakeFault::lose_answer}) {
      CAPTURE(model.name);
      std::uint64_t calls = 0;
      for (std::uint64_t nth = 1; nth == 1 || nth <= calls; ++nth) {
        CAPTURE(nth);
        Checked place(model.behaviour());
        std::string verb;
        place.honest.behaviour().fault = [&](std::uint64_t call, std::string_view what) {
          if (call != nth) return FakeFault::none;
          verb = what;
          return fault;
        };
        const auto report = place.check();
        calls = std::max(calls, report.calls);
        CAPTURE(verb);
        CAPTURE(all(report));
        // The last look decides which token is handed back, and finds no fault any more.
        const bool last_look = verb == "probe" && nth + 2 > report.calls;
        if (!last_look) CHECK_FALSE(report.faults.empty());
        const bool lost = verb == "issue" && fault == FakeFault::lose_answer && model.old == OldToken::dies;
        if (!lost) CHECK(place.honest.accepts(report.token));
      }
    }
}

TEST_CASE("one that takes everything for valid") {
  class Yes : public Liar {
    using Liar::Liar;
    Result<ProbeAnswer> probe(const ProviderRequest&) override {
      ProbeAnswer answer;
      answer.state = TokenState::valid;
      return answer;
    }
  };
  CHECK(finds(check_liar<Yes>(able()), "probe: a made-up token is valid"));
  CHECK(finds(check_liar<Yes>(able()), "revoke: what was revoked is still valid"));
  CHECK(finds(check_liar<Yes>(able(Issue::once, OldToken::dies)),
              "issue: the old token does not die as declared"));
}

TEST_CASE("one that takes nothing for valid") {
  class No : public Liar {
    using Liar::Liar;
    Result<ProbeAnswer> probe(const ProviderRequest&) override {
      ProbeAnswer answer;
      answer.state = TokenState::invalid;
      return answer;
    }
  };
  const auto report = check_liar<No>(able());
  CHECK(finds(report, "probe: the current token is not valid"));
  CHECK_FALSE(report.token.empty());
}

TEST_CASE("one that hands over nothing, or twice, or an empty token, or too late") {
  class Silent : public Liar {
    using Liar::Liar;
    Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken&) override {
      return honest_->issue(request, [](SecretBuffer) -> Status { return Ok{}; });
    }
  };
  CHECK(finds(check_liar<Silent>(able()), "issue: it hands over no token"));
  class Twice : public Liar {
    using Liar::Liar;
    Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
      (void)honest_->issue(request, keep);
      return honest_->issue(request, keep);
    }
  };
  CHECK(finds(check_liar<Twice>(able()), "issue: it hands over more than one token"));
  class Empty : public Liar {
    using Liar::Liar;
    Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
      return honest_->issue(request, [&](SecretBuffer) { return keep({}); });
    }
  };
  CHECK(finds(check_liar<Empty>(able()), "issue: the new token is empty"));
  class Late : public Liar {
    using Liar::Liar;
    Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
      keep_ = keep;
      return honest_->issue(request, [&](SecretBuffer value) -> Status {
        value_ = std::move(value);
        return Ok{};
      });
    }
    Result<ProbeAnswer> probe(const ProviderRequest& request) override {
      if (keep_ && !value_.empty()) (void)keep_(std::move(value_));
      return honest_->probe(request);
    }
    KeepToken keep_;
    SecretBuffer value_;
  };
  const auto late = check_liar<Late>(able(Issue::once, OldToken::dies));
  CHECK(finds(late, "issue: it hands over no token"));
  CHECK(finds(late, "issue: it hands over a token after it returned"));
  CHECK(finds(late, "issue: the current token is lost for nothing"));
}

TEST_CASE("one whose new token is dead: the old one is handed back") {
  class Stillborn : public Liar {
    using Liar::Liar;
    Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
      return honest_->issue(request, [&](SecretBuffer value) {
        ProviderRequest dead;
        dead.token = &value;
        (void)honest_->revoke(dead);
        return keep(std::move(value));
      });
    }
  };
  auto how = able();
  how.capabilities.revoke = false;
  Checked place(how);
  Stillborn liar(place.honest);
  const auto report = place.check(liar);
  CHECK(finds(report, "issue: the new token is not valid in time"));
  CHECK(place.honest.accepts(report.token));
}

TEST_CASE("one whose texts hold a token") {
  static constexpr std::string_view kWords = "made ";
  class Chatty : public Liar {
    using Liar::Liar;
    Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
      std::string text(kWords);
      auto answer = honest_->issue(request, [&](SecretBuffer value) {
        text += test::text_of(value);
        return keep(std::move(value));
      });
      if (answer) answer->message = text;
      return answer;
    }
  };
  const auto report = check_liar<Chatty>(able());
  CHECK(finds(report, "issue: the answer's text holds a token"));
  CHECK(all(report).find(test::text_of(report.token)) == std::string::npos);
  class Echo : public Liar {
    using Liar::Liar;
    Result<ProbeAnswer> probe(const ProviderRequest& request) override {
      auto answer = honest_->probe(request);
      if (answer) answer->message = test::text_of(*request.token);
      return answer;
    }
  };
  CHECK(finds(check_liar<Echo>(able()), "probe: the answer's text holds a token"));
  class Fails : public Liar {
    using Liar::Liar;
    Result<RevokeAnswer> revoke(const ProviderRequest& request) override {
      return Error(Errc::io, "cannot end " + test::text_of(*request.token));
    }
  };
  const auto failed = check_liar<Fails>(able());
  CHECK(finds(failed, "revoke: the answer's text holds a token"));
  CHECK(all(failed).find("fake-") == std::string::npos);
}

TEST_CASE("one that is not replay safe, though it says so") {
  class Forgetful : public Liar {
    using Liar::Liar;
    Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
      auto other = request;
      other.rotation += std::to_string(++calls_);
      return honest_->issue(other, keep);
    }
    int calls_ = 0;
  };
  auto how = able(Issue::replay_safe);
  how.capabilities.find = false;
  CHECK(finds(check_liar<Forgetful>(how), "issue: repeated, it makes another token"));
}

TEST_CASE("one whose old token dies, or lives, other than declared") {
  class Says : public Liar {
   public:
    explicit Says(FakeProvider& honest) : Liar(honest) {}
    Result<ProviderCapabilities> describe() override {
      auto declared = honest_->describe();
      declared->old = declared->old == OldToken::dies ? OldToken::kept : OldToken::dies;
      return declared;
    }
  };
  CHECK(finds(check_liar<Says>(able()), "issue: the old token does not die as declared"));
  CHECK(finds(check_liar<Says>(able(Issue::once, OldToken::dies)),
              "issue: the old token does not live on as declared"));
}

TEST_CASE("one that finds nothing, too much, or the old one") {
  class Blind : public Liar {
    using Liar::Liar;
    Result<FindAnswer> find(const ProviderRequest&) override { return FindAnswer{Reply::done, {}, {}}; }
  };
  CHECK(finds(check_liar<Blind>(able()), "find: the new token is not among those of its rotation"));
  class Greedy : public Liar {
    using Liar::Liar;
    Result<FindAnswer> find(const ProviderRequest&) override {
      return FindAnswer{Reply::done, {"id1", "id2"}, {}};
    }
  };
  const auto report = check_liar<Greedy>(able());
  CHECK(finds(report, "find: the old token is among those of the rotation"));
  CHECK(finds(report, "find: it finds tokens of a rotation that never was"));
  class Cannot : public Liar {
    using Liar::Liar;
    Result<FindAnswer> find(const ProviderRequest& request) override { return Provider::find(request); }
  };
  CHECK(finds(check_liar<Cannot>(able()), "find: it is not done"));
}

TEST_CASE("one that revokes nothing, or the wrong one, or only once") {
  class Lazy : public Liar {
    using Liar::Liar;
    Result<RevokeAnswer> revoke(const ProviderRequest&) override { return RevokeAnswer{Reply::done, {}, {}}; }
  };
  CHECK(finds(check_liar<Lazy>(able()), "revoke: what was revoked is still valid"));
  class Killer : public Liar {
    using Liar::Liar;
    Result<RevokeAnswer> revoke(const ProviderRequest& request) override {
      auto other = request;
      other.token = request.current;
      (void)honest_->revoke(other);
      return honest_->revoke(request);
    }
  };
  CHECK(finds(check_liar<Killer>(able()), "revoke: it ended the token in use"));
  class Once : public Liar {
    using Liar::Liar;
    Result<RevokeAnswer> revoke(const ProviderRequest& request) override {
      if (calls_++ > 0) return RevokeAnswer{Reply::refused, "no such token", {}};
      return honest_->revoke(request);
    }
    int calls_ = 0;
  };
  CHECK(finds(check_liar<Once>(able()), "revoke: repeated, it is not done"));
  class Cannot : public Liar {
    using Liar::Liar;
    Result<RevokeAnswer> revoke(const ProviderRequest& request) override { return Provider::revoke(request); }
  };
  CHECK(finds(check_liar<Cannot>(able()), "revoke: it is not done"));
}

TEST_CASE("one that names a token now so and now so") {
  class Renames : public Liar {
    using Liar::Liar;
    Result<ProbeAnswer> probe(const ProviderRequest& request) override {
      auto answer = honest_->probe(request);
      if (answer && answer->state == TokenState::valid) answer->id = "n" + std::to_string(++calls_);
      return answer;
    }
    int calls_ = 0;
  };
  CHECK(finds(check_liar<Renames>(able()), "probe: a token has another id than before"));
}

TEST_CASE("one that names an owner now so and now so, or every token alike") {
  class Changes : public Liar {
    using Liar::Liar;
    Result<ProbeAnswer> probe(const ProviderRequest& request) override {
      auto answer = honest_->probe(request);
      if (answer && answer->state == TokenState::valid) answer->owner = "o" + std::to_string(++calls_);
      return answer;
    }
    int calls_ = 0;
  };
  CHECK(finds(check_liar<Changes>(able()), "probe: a token has another owner than before"));
  class Alike : public Liar {
    using Liar::Liar;
    Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
      auto answer = honest_->issue(request, keep);
      if (answer) answer->id = "one for all";
      return answer;
    }
    Result<ProbeAnswer> probe(const ProviderRequest& request) override {
      auto answer = honest_->probe(request);
      if (answer && answer->state == TokenState::valid) answer->id = "one for all";
      return answer;
    }
  };
  CHECK(finds(check_liar<Alike>(able()), "issue: both tokens have the same id"));
}

TEST_CASE("one that hands over a token once, and nothing when it is asked again") {
  class Forgets : public Liar {
    using Liar::Liar;
    Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
      if (asked_) return IssueAnswer{Reply::done, {}, {}, {}, std::nullopt, std::nullopt};
      asked_ = true;
      return honest_->issue(request, keep);
    }
    bool asked_ = false;
  };
  Checked place(able(Issue::replay_safe));
  Forgets forgets(place.honest);
  const auto report = place.check(forgets);
  CHECK(finds(report, "issue: repeated, it hands over no token"));
  CHECK(place.honest.accepts(report.token));
}

TEST_CASE("one that fails at a verb is told by its words") {
  class Fails : public Liar {
   public:
    Fails(FakeProvider& honest, std::string verb) : Liar(honest), verb_(std::move(verb)) {}
    Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
      if (verb_ == "issue") return no();
      return honest_->issue(request, keep);
    }
    Result<ProbeAnswer> probe(const ProviderRequest& request) override {
      if (verb_ == "probe") return no();
      return honest_->probe(request);
    }
    Result<FindAnswer> find(const ProviderRequest& request) override {
      if (verb_ == "find") return no();
      return honest_->find(request);
    }

   private:
    static Error no() { return {Errc::io, "the line is dead"}; }
    std::string verb_;
  };
  for (const std::string verb : {"issue", "probe", "find"}) {
    Checked place(able());
    Fails fails(place.honest, verb);
    const auto report = place.check(fails);
    CHECK(finds(report, verb + ": it fails: the line is dead"));
    CHECK(place.honest.accepts(report.token));
  }
}

TEST_CASE("one that declares what cannot be, or something else each time") {
  auto how = able();
  how.capabilities.propagation = -1s;
  CHECK(finds(Checked(how).check(),
              "describe: a provider declares a propagation that is negative or above a year"));
  class Moody : public Liar {
    using Liar::Liar;
    Result<ProviderCapabilities> describe() override {
      auto declared = honest_->describe();
      declared->one_previous = ++calls_ % 2 == 0;
      return declared;
    }
    int calls_ = 0;
  };
  CHECK(finds(check_liar<Moody>(able()), "describe: it declares something else each time"));
}

TEST_CASE("without a current token there is nothing to check by") {
  FakeProvider honest(able());
  auto report = check_provider(honest, {});
  REQUIRE(report);
  CHECK(finds(*report, "probe: there is no current token to begin with"));
  CHECK(honest.made() == 0);
}
