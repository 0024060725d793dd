#include <doctest/doctest.h>

#include "issuer/minted_token.hpp"
#include "issuer_place.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

/// An issuer with a clock of its own and one token.
struct Flow {
  TempDir folder;
  FakeClock clock;
  Issuer issuer = Issuer::open(folder / "issued.db", "org", master_key(), clock).value();
  IssuedToken first = issuer.issue({"acme", "ci", "points:read token:rotate", std::nullopt}).value();

  TokenRow row(const IssuedToken& issued) { return issuer.find(issued.grant.id).value(); }
  Result<IssuedToken> rotate(const IssuedToken& old, const char* rotation = "r1",
                             std::chrono::seconds overlap = 60s) {
    return issuer.rotate(old.grant.id, {rotation, overlap, 600s});
  }
  std::string_view ask(const IssuedToken& issued, std::string_view scope = {}) {
    return word(test::ask(issuer, text_of(issued), scope));
  }
};

template <typename T>
Errc error_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code();
}

}  // namespace

TEST_CASE("a token is made once, has our form, and lets in") {
  Flow flow;
  const auto parts = parse_token(text_of(flow.first));
  REQUIRE(parts);
  CHECK(parts->prefix == "org");
  CHECK(parts->id == flow.first.grant.id);
  CHECK(flow.first.grant.lineage == flow.first.grant.id);
  const auto decision = ask(flow.issuer, text_of(flow.first), "points:read");
  REQUIRE(std::holds_alternative<Grant>(decision));
  CHECK(std::get<Grant>(decision).org == "acme");
  CHECK(std::get<Grant>(decision).name == "ci");
  CHECK(std::get<Grant>(decision).scopes == "points:read token:rotate");
  CHECK(flow.row(flow.first).state == IssuedState::active);
}

TEST_CASE("what a request has to hold") {
  Flow flow;
  const std::string token(text_of(flow.first)), good = "Bearer " + token;
  const auto word_of = [&](std::vector<std::string_view> fields) {
    return word(flow.issuer.authorize(fields, {}).value());
  };
  CHECK(word_of({good}) == "");
  CHECK(word_of({"bEARER   " + token}) == "");
  CHECK(word_of({}) == "missing");
  for (const char* field : {"", " ", "Bearer", "Bearer ", "Basic YTpi", "Bearers x"})
    CHECK(word_of({field}) == "missing");
  CHECK(word_of({token}) == "missing");
  CHECK(word_of({good, good}) == "ambiguous");
  CHECK(word_of({good + " "}) == "malformed");
  CHECK(word_of({good + ", " + good}) == "malformed");
  CHECK(word_of({"Bearer\t" + token}) == "missing");
  CHECK(word_of({good.substr(0, good.size() - 1)}) == "malformed");
  std::string other = token.substr(0, token.size() - 6);
  other[20] = other[20] == 'x' ? 'y' : 'x';
  const auto check = token_check(other);
  CHECK(word_of({"Bearer " + other + std::string(check.data(), check.size())}) == "unknown");
}

TEST_CASE("the reasons come in order: revoked, expired, scope") {
  Flow flow;
  const auto issued = flow.issuer.issue({"acme", "x", "a", flow.clock.now() + 60s}).value();
  CHECK(flow.ask(issued, "a") == "");
  CHECK(flow.ask(issued, "b") == "scope");
  flow.clock.advance(59s);
  CHECK(flow.ask(issued) == "");
  flow.clock.advance(1s);
  CHECK(flow.ask(issued, "b") == "expired");
  CHECK(flow.row(issued).refused == flow.clock.now());
  REQUIRE(flow.issuer.revoke(issued.grant.id));
  CHECK(flow.ask(issued, "b") == "revoked");
}

TEST_CASE("the old token ends after the first use of the new one and the overlap") {
  Flow flow;
  auto next = flow.rotate(flow.first).value();
  CHECK(next.grant.lineage == flow.first.grant.id);
  CHECK(next.grant.scopes == flow.first.grant.scopes);
  CHECK(flow.row(next).state == IssuedState::pending);
  CHECK(flow.row(next).predecessor == flow.first.grant.id);
  CHECK(flow.row(flow.first).successor == next.grant.id);
  flow.clock.advance(599s);
  CHECK(flow.ask(flow.first) == "");
  CHECK_FALSE(flow.row(flow.first).grant.expires);
  CHECK(flow.ask(next) == "");
  CHECK(flow.row(next).state == IssuedState::active);
  CHECK(flow.row(flow.first).grant.expires == flow.clock.now() + 60s);
  flow.clock.advance(59s);
  CHECK(flow.ask(flow.first) == "");
  CHECK(flow.ask(next) == "");
  flow.clock.advance(1s);
  CHECK(flow.ask(flow.first) == "expired");
  CHECK(flow.ask(next) == "");
}

TEST_CASE("a rotation whose answer was lost is asked for again") {
  Flow flow;
  auto lost = flow.rotate(flow.first).value();
  auto next = flow.rotate(flow.first).value();
  CHECK(flow.ask(lost) == "revoked");
  CHECK(flow.ask(flow.first) == "");
  CHECK(error_of(flow.rotate(flow.first, "r2")) == Errc::conflict);
  CHECK(flow.ask(next) == "");
  CHECK(error_of(flow.rotate(flow.first)) == Errc::conflict);
  CHECK(flow.issuer.list("acme").value().size() == 2);
}

TEST_CASE("one that is not used in time ends, and makes room for another rotation") {
  Flow flow;
  auto late = flow.rotate(flow.first).value();
  flow.clock.advance(600s);
  CHECK(flow.ask(late) == "expired");
  CHECK(flow.row(late).state == IssuedState::expired);
  CHECK(flow.ask(flow.first) == "");
  auto next = flow.rotate(flow.first, "r2").value();
  CHECK(flow.ask(late) == "revoked");
  CHECK(flow.ask(next) == "");
}

TEST_CASE("only a token in use rotates, and its family does not fork") {
  Flow flow;
  auto next = flow.rotate(flow.first, "r1", 0s).value();
  CHECK(error_of(flow.rotate(next)) == Errc::conflict);  // not used yet
  CHECK(flow.ask(next) == "");
  CHECK(flow.ask(flow.first) == "expired");  // an overlap of nothing
  CHECK(error_of(flow.rotate(flow.first)) == Errc::expired);
  auto third = flow.rotate(next).value();
  CHECK(third.grant.lineage == flow.first.grant.id);
  REQUIRE(flow.issuer.revoke(next.grant.id));
  CHECK(error_of(flow.rotate(next)) == Errc::rejected);
  CHECK(error_of(flow.issuer.rotate("000000000000", {"r", 0s, 1s})) == Errc::not_found);
}

TEST_CASE("the successor has the lifetime of the first, from its own beginning") {
  Flow flow;
  const auto first = flow.issuer.issue({"acme", "x", "", flow.clock.now() + 1000s}).value();
  CHECK(flow.ask(first) == "");
  flow.clock.advance(900s);
  auto next = flow.rotate(first).value();
  CHECK(next.grant.expires == flow.clock.now() + 1000s);
  CHECK(flow.ask(next) == "");
  CHECK(flow.row(first).grant.expires == flow.clock.now() + 60s);
  auto third = flow.rotate(next, "r2", 7 * 24h).value();
  CHECK(flow.ask(third) == "");
  CHECK(flow.row(next).grant.expires == next.grant.expires);  // an overlap makes nothing live longer
}

TEST_CASE("a clock that jumps and comes back ends nothing") {
  Flow flow;
  const auto kept = flow.issuer.issue({"acme", "x", "", flow.clock.now() + 1000s}).value();
  auto next = flow.rotate(flow.first).value();
  flow.clock.step(10 * 365 * 24h);
  CHECK(flow.ask(kept) == "expired");
  CHECK(flow.ask(next) == "expired");
  CHECK(flow.ask(flow.first) == "");
  flow.clock.step(-10 * 365 * 24h);
  CHECK(flow.ask(kept) == "");
  CHECK(flow.ask(next) == "");
  flow.clock.step(-10 * 365 * 24h);
  CHECK(flow.ask(flow.first) == "");
  CHECK(flow.row(flow.first).last_used == flow.clock.now());
}

TEST_CASE("to revoke ends one, to revoke the lineage all of it") {
  Flow flow;
  const auto other = flow.issuer.issue({"acme", "other", "", std::nullopt}).value();
  auto second = flow.rotate(flow.first).value();
  CHECK(flow.ask(second) == "");
  auto third = flow.rotate(second).value();
  CHECK(flow.ask(third) == "");
  REQUIRE(flow.issuer.revoke(second.grant.id));
  REQUIRE(flow.issuer.revoke(second.grant.id));
  CHECK(flow.ask(second) == "revoked");
  CHECK(flow.ask(flow.first) == "");
  CHECK(flow.ask(third) == "");
  REQUIRE(flow.issuer.revoke_lineage(second.grant.id));
  CHECK(flow.ask(flow.first) == "revoked");
  CHECK(flow.ask(third) == "revoked");
  CHECK(flow.ask(other) == "");
  CHECK(error_of(flow.issuer.revoke("nobody")) == Errc::not_found);
  CHECK(error_of(flow.issuer.revoke_lineage("nobody")) == Errc::not_found);
}

TEST_CASE("a list has one organisation's tokens, newest first") {
  Flow flow;
  flow.clock.advance(1s);
  const auto second = flow.issuer.issue({"acme", "second", "", std::nullopt}).value();
  REQUIRE(flow.issuer.issue({"other", "third", "", std::nullopt}));
  const auto rows = flow.issuer.list("acme").value();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].grant.id == second.grant.id);
  CHECK(rows[1].grant.id == flow.first.grant.id);
  CHECK(rows[1].created == flow.clock.now() - 1s);
  CHECK_FALSE(rows[1].last_used);
  CHECK(flow.issuer.list("nobody").value().empty());
  CHECK(error_of(flow.issuer.find("nobody")) == Errc::not_found);
}

TEST_CASE("a successor is above its predecessor within one second too") {
  Flow flow;
  for (int i = 0; i < 20; ++i) {
    const auto old = flow.issuer.issue({"acme", "ci", "", std::nullopt}).value();
    REQUIRE(flow.ask(old) == "");
    REQUIRE(flow.rotate(old));
  }
  std::vector<std::string> above;
  for (const auto& row : flow.issuer.list("acme").value()) {
    if (!row.successor.empty()) CHECK(above.back() == row.successor);
    above.push_back(row.grant.id);
  }
  CHECK(above.size() == 41);
}

TEST_CASE("uses are noted once a minute, and another process sees them") {
  Flow flow;
  auto other = Issuer::open(flow.folder / "issued.db", "org", master_key(), flow.clock).value();
  const auto seen = [&] { return other.find(flow.first.grant.id).value().last_used; };
  const auto begin = flow.clock.now();
  CHECK(flow.ask(flow.first) == "");
  CHECK(seen() == begin);
  flow.clock.advance(59s);
  CHECK(flow.ask(flow.first) == "");
  CHECK(seen() == begin);
  flow.clock.advance(1s);
  CHECK(flow.ask(flow.first) == "");
  CHECK(seen() == begin + 60s);
  CHECK(flow.ask(flow.first, "nothing") == "scope");
  REQUIRE(other.revoke(flow.first.grant.id));
  CHECK(flow.ask(flow.first) == "revoked");
  CHECK(flow.row(flow.first).refused == flow.clock.now());
}

TEST_CASE("what cannot be asked for") {
  Flow flow;
  const auto issue = [&](IssueRequest request) { return error_of(flow.issuer.issue(request)); };
  const std::string long_text(101, 'a');
  for (const std::string& name : {std::string(), long_text, std::string("a\nb"), std::string("\xff")}) {
    CHECK(issue({name, "n", "", {}}) == Errc::invalid_argument);
    CHECK(issue({"acme", name, "", {}}) == Errc::invalid_argument);
  }
  for (const std::string& scopes : {std::string(" a"), std::string("a "), std::string("a  b"),
                                    std::string("a\"b"), std::string("a\tb"), std::string(401, 'a')})
    CHECK(issue({"acme", "n", scopes, {}}) == Errc::invalid_argument);
  CHECK(issue({"acme", "n", "", flow.clock.now()}) == Errc::invalid_argument);
  CHECK(issue({"acme", "n", "", Time(300'000'000'000s)}) == Errc::invalid_argument);
  const auto rotate = [&](TokenRotation rotation) {
    return error_of(flow.issuer.rotate(flow.first.grant.id, rotation));
  };
  for (const std::string& id : {std::string(), std::string("a b"), std::string(65, 'a')})
    CHECK(rotate({id, 0s, 1s}) == Errc::invalid_argument);
  CHECK(rotate({"r", -1s, 1s}) == Errc::invalid_argument);
  CHECK(rotate({"r", 7 * 24h + 1s, 1s}) == Errc::invalid_argument);
  CHECK(rotate({"r", 0s, 0s}) == Errc::invalid_argument);
  CHECK(rotate({"r", 0s, 7 * 24h + 1s}) == Errc::invalid_argument);
}

TEST_CASE("a key or prefix that does not fit is told at once") {
  Flow flow;
  const auto path = flow.folder / "issued.db";
  CHECK(error_of(Issuer::open(path, "org", master_key(1), flow.clock)) == Errc::wrong_key);
  CHECK(error_of(Issuer::open(path, "Org", master_key(), flow.clock)) == Errc::invalid_argument);
  CHECK(error_of(Issuer::open(path, "org", SecretBuffer(), flow.clock)) == Errc::invalid_argument);
  // Another prefix is for new tokens: the old ones go on.
  auto renamed = Issuer::open(path, "neworg", master_key(), flow.clock).value();
  CHECK(word(test::ask(renamed, text_of(flow.first))) == "");
  CHECK(parse_token(text_of(renamed.issue({"acme", "n", "", {}}).value()))->prefix == "neworg");
}

TEST_CASE("scopes are whole words") {
  CHECK(has_scope("points:read token:rotate", "token:rotate"));
  CHECK(has_scope("a", "a"));
  for (const char* scope : {"", "points", "read token", "points:read ", "points:read token:rotate"})
    CHECK_FALSE(has_scope("points:read token:rotate", scope));
  CHECK_FALSE(has_scope("", "a"));
}
