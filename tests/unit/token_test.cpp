// What a caller sees of tokens: values, versions, stages, expiry, lists.
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

TEST_CASE("a value comes back byte for byte, in this and in the next process") {
  VaultFixture at;
  auto vault = at.create();
  CHECK(put(vault, "acme/claimr", "one") == 1);
  CHECK(text_of(vault.get("acme/claimr")) == "one");
  CHECK(text_of(vault.get("acme/claimr")) == "one");  // from the cache
  CHECK(text_of(at.open().get("acme/claimr")) == "one");
}

TEST_CASE("values of every size from 1 byte to 32 KiB, and no other") {
  VaultFixture at;
  auto vault = at.create();
  for (const std::size_t size : {1U, 63U, 64U, 65U, 4096U, 32767U, 32768U}) {
    const std::string value(size, 'v');
    put(vault, "a", value);
    CHECK(text_of(vault.get("a")) == value);
    CHECK(text_of(at.open().get("a")) == value);
  }
  CHECK(code_of(vault.put("a", SecretBuffer())) == Errc::refused);
  auto large = SecretBuffer::allocate(kMaxSecretSize + 1);
  REQUIRE(large);
  CHECK(code_of(vault.put("a", *large)) == Errc::refused);
  CHECK(vault.info("a")->version == 7);
}

TEST_CASE("the second put makes the first previous, the third retires it") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  put(vault, "a", "two");
  CHECK(text_of(vault.get("a")) == "two");
  CHECK(text_of(vault.get("a", {.stage = Stage::previous})) == "one");
  CHECK(put(vault, "a", "three") == 3);
  CHECK(text_of(vault.get("a", {.stage = Stage::previous})) == "two");
  CHECK(text_of(vault.get("a", {.number = 1})) == "one");
  CHECK(code_of(vault.get("a", {.number = 4})) == Errc::not_found);
  const auto info = vault.info("a");
  REQUIRE(info);
  REQUIRE(info->versions.size() == 3);
  CHECK(info->versions[0].stage == Stage::retired);
  CHECK(info->versions[1].stage == Stage::previous);
  CHECK(info->versions[2].stage == Stage::current);
  CHECK(info->version == 3);
}

TEST_CASE("a token without a previous version says so") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  CHECK(code_of(vault.get("a", {.stage = Stage::previous})) == Errc::not_found);
  CHECK(code_of(vault.get("b")) == Errc::not_found);
  CHECK(code_of(vault.info("b")) == Errc::not_found);
}

TEST_CASE("a hundred versions are kept, numbers go on, and what was dropped leaves no blob") {
  VaultFixture at;
  auto vault = at.create();
  for (int i = 1; i <= 103; ++i) put(vault, "a", std::to_string(i));
  const auto info = vault.info("a");
  REQUIRE(info);
  CHECK(info->versions.size() == 100);
  CHECK(info->versions.front().number == 4);
  CHECK(info->version == 103);
  CHECK(text_of(vault.get("a", {.number = 4})) == "4");
  CHECK(code_of(vault.get("a", {.number = 3})) == Errc::not_found);
  const auto report = vault.verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->records == 100);
  CHECK(report->orphans == 0);
}

TEST_CASE("if_version lets exactly the expected change through") {
  VaultFixture at;
  auto vault = at.create();
  CHECK(code_of(vault.put("a", secret("x"), {.if_version = 1})) == Errc::conflict);
  put(vault, "a", "one", {.if_version = 0});
  CHECK(code_of(vault.put("a", secret("x"), {.if_version = 0})) == Errc::conflict);
  put(vault, "a", "two", {.if_version = 1});
  CHECK(code_of(vault.put("a", secret("x"), {.if_version = 1})) == Errc::conflict);
  CHECK(text_of(vault.get("a")) == "two");
}

TEST_CASE("an expired token gives no bytes, cached or not, unless asked for") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one", {.expires = at.clock.now() + std::chrono::seconds(10)});
  CHECK(text_of(vault.get("a")) == "one");
  at.clock.advance(std::chrono::seconds(9));
  CHECK(text_of(vault.get("a")) == "one");
  at.clock.advance(std::chrono::seconds(1));
  CHECK(code_of(vault.get("a")) == Errc::expired);
  CHECK(code_of(at.open().get("a")) == Errc::expired);
  CHECK(text_of(vault.get("a", {.expired_ok = true})) == "one");
  CHECK(vault.info("a")->expires == at.clock.now());
  put(vault, "a", "two");
  CHECK(text_of(vault.get("a")) == "two");
  CHECK_FALSE(vault.info("a")->expires.has_value());
}

TEST_CASE("a clock ten years off, either way, loses and invents nothing") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  constexpr std::int64_t kTenYears = 315'576'000;
  at.clock.set(1'800'000'000 - kTenYears);
  put(vault, "a", "two");
  at.clock.set(1'800'000'000 + kTenYears);
  put(vault, "a", "three");
  CHECK(text_of(at.open().get("a", {.number = 2})) == "two");
  CHECK(vault.info("a")->versions.size() == 3);
  at.clock.set(-5);  // before 1970
  put(vault, "a", "four");
  CHECK(text_of(vault.get("a")) == "four");
  CHECK(vault.verify()->faults.empty());
}

TEST_CASE("labels stay until replaced, and are bounded") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one", {.label = "made by Ann"});
  put(vault, "a", "two");
  CHECK(vault.info("a")->label == "made by Ann");
  put(vault, "a", "three", {.label = ""});
  CHECK(vault.info("a")->label.empty());
  CHECK(code_of(vault.put("a", secret("x"), {.label = std::string(256, 'l')})) == Errc::refused);
}

TEST_CASE("a label that is not UTF-8 is refused") {
  VaultFixture at;
  auto vault = at.create();
  CHECK(code_of(vault.put("a", secret("x"), {.label = "\xff"})) == Errc::refused);
  CHECK(code_of(vault.add_key(raw_key('b'), "\xff")) == Errc::refused);
}

TEST_CASE("list is in bytewise order and filters by prefix") {
  VaultFixture at;
  auto vault = at.create();
  for (const char* name : {"b/x", "a/z", "a/B", "ab", "a/b"}) put(vault, name, "v");
  const auto names = [&](std::string_view prefix) {
    std::string all;
    const auto found = vault.list(prefix);
    REQUIRE(found);
    for (const auto& token : *found) all += token.name + " ";
    return all;
  };
  CHECK(names("") == "a/B a/b a/z ab b/x ");
  CHECK(names("a/") == "a/B a/b a/z ");
  CHECK(names("c") == "");
  CHECK(vault.info()->tokens == 5);
}

TEST_CASE("bad names never reach the store") {
  VaultFixture at;
  auto vault = at.create();
  const auto before = vault.info()->generation;
  for (const char* name : {"", "/", "a/../b", "a\n", "\xff"}) {
    CHECK(code_of(vault.put(name, secret("v"))) == Errc::invalid_argument);
    CHECK(code_of(vault.get(name)) == Errc::invalid_argument);
    CHECK(code_of(vault.info(name)) == Errc::invalid_argument);
  }
  CHECK(vault.info()->generation == before);
}

TEST_CASE("another writer's put is seen by the next get, cached or not") {
  VaultFixture at;
  auto mine = at.create();
  auto theirs = at.open();
  put(mine, "a", "one");
  put(mine, "b", "kept");
  CHECK(text_of(theirs.get("a")) == "one");
  CHECK(text_of(theirs.get("b")) == "kept");
  put(mine, "a", "two");
  CHECK(text_of(theirs.get("a")) == "two");
  CHECK(text_of(theirs.get("b")) == "kept");  // confirmed, not read again
  put(theirs, "a", "three");
  CHECK(text_of(mine.get("a")) == "three");
}

TEST_CASE("one create wins, the other finds the vault untouched") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  CHECK(code_of(Vault::create(at.view(), raw_key('x'), at.options())) == Errc::already_exists);
  CHECK(text_of(at.open().get("a")) == "one");
}

TEST_CASE("no vault and a wrong key are told apart") {
  VaultFixture at;
  CHECK(code_of(Vault::open(at.view(), raw_key(), at.options())) == Errc::no_vault);
  at.create();
  CHECK(code_of(Vault::open(at.view(), raw_key('x'), at.options())) == Errc::wrong_key);
}

}  // namespace
}  // namespace tokenvault::test
