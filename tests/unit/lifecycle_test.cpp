// What happens to a token after it was put: rolled back, erased, back again, destroyed, suspect, due.
#include "support/counting_store.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

Time at_second(std::int64_t second) { return Time(std::chrono::seconds(second)); }

std::uint64_t records_in(const Vault& vault) {
  const auto report = vault.verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
  return report->records;
}

/// Values 1, 2 and 3 as versions 1, 2 and 3 of `name`.
void put_three(Vault& vault, std::string_view name = "a") {
  for (const auto* value : {"1", "2", "3"}) put(vault, name, value);
}

TEST_CASE("a rollback is a new version with an old value") {
  VaultFixture at;
  auto vault = at.create();
  put_three(vault);
  const auto number = vault.rollback("a", 1);
  REQUIRE(number);
  CHECK(*number == 4);
  CHECK(text_of(vault.get("a")) == "1");
  CHECK(text_of(vault.get("a", {.stage = Stage::previous})) == "3");
  CHECK(text_of(at.open().get("a")) == "1");
  CHECK(vault.info("a")->versions.size() == 4);
  CHECK(code_of(vault.rollback("a", 9)) == Errc::not_found);
  CHECK(code_of(vault.rollback("b", 1)) == Errc::not_found);
  CHECK(code_of(vault.rollback("a//b", 1)) == Errc::invalid_argument);
  CHECK(vault.info("a")->version == 4);
}

TEST_CASE("a rollback does not bring an expiry back") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "1", {.expires = at_second(kNow + 10)});
  put(vault, "a", "2");
  at.clock.advance(std::chrono::seconds(20));
  REQUIRE(vault.rollback("a", 1));
  CHECK(text_of(vault.get("a")) == "1");
  CHECK_FALSE(vault.info("a")->expires.has_value());
}

TEST_CASE("an erased token is nowhere, also for whoever has it at hand, until it is undeleted") {
  VaultFixture at;
  auto vault = at.create();
  auto other = at.open();
  put_three(vault);
  CHECK(text_of(vault.get("a")) == "3");
  CHECK(text_of(other.get("a")) == "3");
  REQUIRE(vault.erase("a"));
  for (const Vault* seen : {&vault, &other}) {
    CHECK(code_of(seen->get("a")) == Errc::not_found);
    CHECK(code_of(seen->get("a", {.number = 1})) == Errc::not_found);
    CHECK(code_of(seen->info("a")) == Errc::not_found);
    CHECK(seen->list()->empty());
    CHECK(seen->info()->tokens == 0);
  }
  CHECK(code_of(vault.erase("a")) == Errc::not_found);
  CHECK(code_of(vault.rollback("a", 1)) == Errc::not_found);
  CHECK(records_in(vault) == 3);
  REQUIRE(vault.undelete("a"));
  CHECK(text_of(vault.get("a")) == "3");
  CHECK(text_of(other.get("a", {.number = 1})) == "1");
  CHECK(vault.info()->tokens == 1);
  CHECK(code_of(vault.undelete("a")) == Errc::conflict);
  CHECK(code_of(vault.undelete("b")) == Errc::not_found);
}

TEST_CASE("an expiry survives being erased") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "1", {.expires = at_second(kNow + 10)});
  REQUIRE(vault.erase("a"));
  CHECK(vault.expiring(at_second(kNow + 100))->empty());
  REQUIRE(vault.undelete("a"));
  CHECK(vault.expiring(at_second(kNow + 100))->size() == 1);
  at.clock.advance(std::chrono::seconds(20));
  CHECK(code_of(vault.get("a")) == Errc::expired);
  records_in(vault);
}

TEST_CASE("a put revives an erased token as its next version") {
  VaultFixture at;
  auto vault = at.create();
  put_three(vault);
  REQUIRE(vault.erase("a"));
  CHECK(code_of(vault.put("a", secret("4"), {.if_version = 3})) == Errc::conflict);
  CHECK(put(vault, "a", "4", {.if_version = 0}) == 4);
  CHECK(text_of(vault.get("a", {.stage = Stage::previous})) == "3");
}

TEST_CASE("a destroyed token leaves its name's last number and nothing else") {
  VaultFixture at;
  auto vault = at.create();
  put_three(vault);
  put(vault, "b", "stays");
  CHECK(text_of(vault.get("a")) == "3");
  REQUIRE(vault.destroy("a"));
  CHECK(code_of(vault.get("a")) == Errc::not_found);
  CHECK(code_of(vault.undelete("a")) == Errc::not_found);
  CHECK(code_of(vault.destroy("a")) == Errc::not_found);
  CHECK(code_of(vault.destroy("never")) == Errc::not_found);
  CHECK(records_in(vault) == 1);
  CHECK(at.store->list(std::nullopt, 100)->size() == 1);
  CHECK(put(vault, "a", "4") == 4);
  CHECK(vault.info("a")->versions.size() == 1);
  REQUIRE(vault.erase("a"));
  REQUIRE(vault.destroy("a"));
  CHECK(text_of(vault.get("b")) == "stays");
}

TEST_CASE("a label goes with what is destroyed") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "1", {.label = "a remark"});
  REQUIRE(vault.destroy("a"));
  put(vault, "a", "2");
  CHECK(vault.info("a")->label.empty());
}

TEST_CASE("a suspect is handed out as before, and the next version clears it") {
  VaultFixture at;
  auto vault = at.create();
  put_three(vault);
  REQUIRE(vault.mark_suspect("a", 2));
  CHECK_FALSE(vault.info("a")->suspect.has_value());
  const auto before = vault.info()->generation;
  REQUIRE(vault.mark_suspect("a", 3));
  REQUIRE(vault.mark_suspect("a", 3));
  CHECK(vault.info()->generation == before + 1);
  const auto suspect = at.open().info("a")->suspect;
  REQUIRE(suspect);
  CHECK(suspect->version == 3);
  CHECK(suspect->since == at_second(kNow));
  CHECK(text_of(vault.get("a")) == "3");
  CHECK(vault.list()->front().suspect.has_value());
  put(vault, "a", "4");
  CHECK_FALSE(vault.info("a")->suspect.has_value());
  CHECK(code_of(vault.mark_suspect("b", 1)) == Errc::not_found);
}

TEST_CASE("what expires is listed by when, and the moment itself counts") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "late", "1", {.expires = at_second(kNow + 300)});
  put(vault, "soon", "1", {.expires = at_second(kNow + 100)});
  put(vault, "also soon", "1", {.expires = at_second(kNow + 100)});
  put(vault, "gone", "1", {.expires = at_second(kNow - 100)});
  put(vault, "never", "1");
  put(vault, "renewed", "1", {.expires = at_second(kNow + 1)});
  put(vault, "renewed", "2");
  const auto names = [&](std::int64_t second) {
    std::string text;
    const auto due = vault.expiring(at_second(second));
    REQUIRE(due);
    for (const auto& token : *due) text += token.name + ';';
    return text;
  };
  CHECK(names(kNow - 101).empty());
  CHECK(names(kNow) == "gone;");
  CHECK(names(kNow + 99) == "gone;");
  CHECK(names(kNow + 100) == "gone;also soon;soon;");
  CHECK(names(kNow + 10'000) == "gone;also soon;soon;late;");
  CHECK(names(-5).empty());
}

TEST_CASE("looking for the few that are due reads few nodes") {
  VaultFixture at;
  auto vault = at.create();
  constexpr int kTokens = 10'000, kDue = 10;
  const auto source = [i = 0]() mutable -> Result<std::optional<NewToken>> {
    if (i == kTokens) return std::optional<NewToken>();
    NewToken token{"token/" + std::to_string(i), secret("v")};
    token.expires = at_second(i % (kTokens / kDue) == 0 ? kNow + i : kNow + 10 * kTokens);
    ++i;
    return std::optional(std::move(token));
  };
  REQUIRE(vault.put_all(source));
  auto counting = std::make_unique<CountingStore>(at.store);
  const auto& counts = *counting;
  auto opened = Vault::open(std::move(counting), raw_key(), at.options());
  REQUIRE(opened);
  REQUIRE(opened->list());
  const auto all = counts.gets();
  CHECK(opened->expiring(at_second(kNow + kTokens))->size() == kDue);
  const auto few = counts.gets() - all;
  CHECK(few <= kDue * 4);  // at most a path of four nodes each
  CHECK(all > 10 * few);
}

}  // namespace
}  // namespace tokenvault::test
