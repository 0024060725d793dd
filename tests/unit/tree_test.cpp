// The index as it grows: splits, paths, and nothing lost on the way.
#include <random>

#include "support/dump.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

std::string name_of(int i) { return "org-" + std::to_string(i % 7) + "/service-" + std::to_string(i); }

TEST_CASE("a vault grows through two levels of splits and forgets nothing") {
  VaultFixture at;
  auto vault = at.create();
  constexpr int kTokens = 1500;
  for (int i = 0; i < kTokens; ++i) put(vault, name_of(i), std::to_string(i));
  auto fresh = at.open();
  for (int i = 0; i < kTokens; ++i) REQUIRE(text_of(fresh.get(name_of(i))) == std::to_string(i));
  CHECK(code_of(fresh.get("org-0/service-1")) == Errc::not_found);
  CHECK(fresh.list()->size() == kTokens);
  const auto report = fresh.verify();
  REQUIRE(report);
  CHECK(report->tokens == kTokens);
  CHECK(report->records == kTokens);
  CHECK(report->nodes > 17);  // more than one level below the top
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
}

TEST_CASE("any order of puts gives the same tokens") {
  std::mt19937 random(20261124);
  VaultFixture at;
  auto vault = at.create();
  std::map<std::string, std::string> model;
  for (int step = 0; step < 600; ++step) {
    const auto name = name_of(static_cast<int>(random() % 150));
    const std::string value(1 + random() % 300, static_cast<char>('a' + random() % 26));
    put(vault, name, value);
    model[name] = value;
  }
  auto fresh = at.open();
  const auto listed = fresh.list();
  REQUIRE(listed);
  REQUIRE(listed->size() == model.size());
  auto expected = model.begin();
  for (const auto& token : *listed) {
    CHECK(token.name == expected->first);
    CHECK(text_of(fresh.get(token.name)) == expected->second);
    ++expected;
  }
}

TEST_CASE("a put rewrites a path and no more") {
  VaultFixture at;
  auto vault = at.create();
  for (int i = 0; i < 1500; ++i) put(vault, name_of(i), "v");
  const auto before = Dump::of(*at.store);
  put(vault, name_of(3), "w");
  const auto after = Dump::of(*at.store);
  int fresh = 0;
  for (const auto& [id, bytes] : after.blobs) fresh += before.blobs.contains(id) ? 0 : 1;
  CHECK(fresh <= 4);  // the record and at most three nodes
  CHECK(after.blobs.size() == before.blobs.size() + 1);
}

TEST_CASE("an entry as large as it may be has a node of its own") {
  VaultFixture at;
  auto vault = at.create();
  const std::string long_name(255, 'n');
  for (int i = 0; i < 100; ++i) put(vault, long_name, std::to_string(i), {.label = std::string(255, 'l')});
  for (int i = 0; i < 50; ++i) put(vault, name_of(i), "v");
  CHECK(text_of(at.open().get(long_name)) == "99");
  CHECK(vault.verify()->faults.empty());
}

TEST_CASE("names and values never appear in what a store sees") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "findable-name/service", "findable-value", {.label = "findable-label"});
  const auto bytes = Dump::of(*at.store).in_one_piece();
  CHECK(as_text(bytes).find("findable") == std::string_view::npos);
}

TEST_CASE("sizes come in steps: a token's length does not show") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "x");
  const auto size = Dump::of(*at.store).in_one_piece().size();
  VaultFixture other;
  auto second = other.create();
  put(second, "a-longer-name/for-it", std::string(60, 'x'));
  CHECK(Dump::of(*other.store).in_one_piece().size() == size);
}

}  // namespace
}  // namespace tokenvault::test
