// Many tokens in one commit: all or nothing, whatever is there and whoever else writes.
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

struct Given {
  std::string name;
  std::string value = "v";
  std::optional<Time> expires = {};
  std::optional<std::string> label = {};
};

/// Gives `tokens` one after another, then nothing, or `ending`.
TokenSource source_of(std::vector<Given> tokens, std::optional<Error> ending = {}) {
  auto at = std::make_shared<std::size_t>(0);
  return [=]() -> Result<std::optional<NewToken>> {
    if (*at == tokens.size()) {
      if (ending) return *ending;
      return std::optional<NewToken>();
    }
    const auto& given = tokens[(*at)++];
    return std::optional(NewToken{given.name, secret(given.value), given.expires, given.label});
  };
}

std::vector<Given> numbered(int count, std::string_view value = "v") {
  std::vector<Given> tokens;
  for (int i = 0; i < count; ++i)
    tokens.push_back({"t/" + std::to_string(i), std::string(value) + std::to_string(i)});
  return tokens;
}

void check_clean(const Vault& vault, std::uint64_t tokens) {
  const auto report = vault.verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
  CHECK(report->tokens == tokens);
}

TEST_CASE("all of them are there after one commit, and the tree is sound at any size") {
  for (const int count : {0, 1, 2, 30, 500, 5000}) {
    CAPTURE(count);
    VaultFixture at;
    auto vault = at.create();
    const auto before = vault.info()->generation;
    const auto report = vault.put_all(source_of(numbered(count)));
    REQUIRE(report);
    CHECK(report->added == static_cast<std::uint64_t>(count));
    CHECK(vault.info()->generation == before + (count == 0 ? 0 : 1));
    for (int i = 0; i < count; i += 1 + count / 50)
      CHECK(text_of(vault.get("t/" + std::to_string(i))) == "v" + std::to_string(i));
    check_clean(at.open(), static_cast<std::uint64_t>(count));
  }
}

TEST_CASE("in portions, and one by one, they make the same vault") {
  VaultFixture at;
  auto vault = at.create();
  for (int portion = 0; portion < 10; ++portion) {
    auto tokens = numbered(400);
    for (auto& token : tokens) token.name = std::to_string(portion) + token.name;
    REQUIRE(vault.put_all(source_of(std::move(tokens))));
    put(vault, std::to_string(portion) + "t/7", "by itself");
  }
  check_clean(vault, 4000);
  CHECK(text_of(vault.get("3t/7")) == "by itself");
  CHECK(text_of(vault.get("3t/7", {.number = 1})) == "v7");
}

TEST_CASE("labels and expiries come along") {
  VaultFixture at;
  auto vault = at.create();
  const auto expires = Time(std::chrono::seconds(1'900'000'000));
  REQUIRE(vault.put_all(source_of({{"a", "1", expires, "mine"}, {"b", "2"}})));
  const auto info = vault.info("a");
  CHECK(info->label == "mine");
  CHECK(info->expires == expires);
  CHECK(vault.expiring(expires)->size() == 1);
}

TEST_CASE("a name that exists is refused, replaced or skipped") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "t/1", "old");
  put(vault, "t/2", "gone");
  REQUIRE(vault.erase("t/2"));
  CHECK(text_of(vault.get("t/1")) == "old");
  const auto before = vault.info()->generation;
  const auto refused = vault.put_all(source_of(numbered(4)));
  CHECK(code_of(refused) == Errc::already_exists);
  CHECK(refused.error().message().find("t/1") != std::string::npos);
  CHECK(vault.info()->generation == before);
  CHECK(code_of(vault.get("t/0")) == Errc::not_found);

  auto report = vault.put_all(source_of(numbered(4)), Existing::skip);
  REQUIRE(report);
  CHECK(report->added == 3);
  CHECK(report->skipped == 1);
  CHECK(text_of(vault.get("t/1")) == "old");
  CHECK(vault.info("t/2")->version == 2);

  report = vault.put_all(source_of(numbered(5, "w")), Existing::replace);
  REQUIRE(report);
  CHECK(report->added == 1);
  CHECK(report->replaced == 4);
  CHECK(text_of(vault.get("t/1")) == "w1");
  CHECK(text_of(vault.get("t/1", {.stage = Stage::previous})) == "old");
  check_clean(vault, 5);
}

TEST_CASE("nothing to do is no commit") {
  VaultFixture at;
  auto vault = at.create();
  REQUIRE(vault.put_all(source_of(numbered(3))));
  const auto before = vault.info()->generation;
  const auto report = vault.put_all(source_of(numbered(3)), Existing::skip);
  REQUIRE(report);
  CHECK(report->skipped == 3);
  CHECK(vault.info()->generation == before);
}

TEST_CASE("one that is wrong, or a source that fails, leaves everything as it was") {
  VaultFixture at;
  auto vault = at.create();
  const auto before = vault.info()->generation;
  const std::string large(kMaxSecretSize, 'x');
  CHECK(code_of(vault.put_all(source_of({{"a"}, {"b//c"}}))) == Errc::invalid_argument);
  CHECK(code_of(vault.put_all(source_of({{"a"}, {"b", ""}}))) == Errc::refused);
  CHECK(code_of(vault.put_all(source_of({{"a"}, {"b"}, {"a"}}))) == Errc::invalid_argument);
  CHECK(code_of(vault.put_all(source_of({{"a"}, {"b", "v", {}, "two\nlines"}}))) == Errc::refused);
  CHECK(code_of(vault.put_all(source_of(numbered(9), Error(Errc::io, "the source broke")))) == Errc::io);
  CHECK(vault.info()->generation == before);
  REQUIRE(vault.put_all(source_of({{"a", large}, {"A", "case counts"}})));
  CHECK(text_of(vault.get("a")) == large);
}

TEST_CASE("more than a file may hold is refused, and the file stays as it was") {
  const TempDir folder;
  const StoreOptions options{.max_size = 64 * 1024, .create = true};
  auto vault = *Vault::create(*open_file_store(folder / "v.tv", options), raw_key());
  put(vault, "t/1", "old");
  const auto before = vault.info()->generation;
  CHECK(code_of(vault.put_all(source_of(numbered(2000)), Existing::replace)) == Errc::refused);
  CHECK(vault.info()->generation == before);
  const auto fresh = Vault::open(*open_file_store(folder / "v.tv"), raw_key());
  REQUIRE(fresh);
  CHECK(text_of(fresh->get("t/1")) == "old");
  check_clean(*fresh, 1);
  REQUIRE(vault.put_all(source_of(numbered(100)), Existing::replace));
  check_clean(vault, 100);
}

TEST_CASE("another writer in between moves versions and epoch, and nothing is lost") {
  VaultFixture at;
  auto vault = at.create();
  auto other = at.open();
  put(other, "t/1", "theirs");
  auto tokens = source_of(numbered(50));
  int drawn = 0;
  const auto meddling = [&]() -> Result<std::optional<NewToken>> {
    if (++drawn == 20) {
      put(other, "t/1", "theirs too");
      REQUIRE(other.rotate_master());
    }
    return tokens();
  };
  const auto report = vault.put_all(meddling, Existing::replace);
  REQUIRE(report);
  CHECK(report->replaced == 1);
  CHECK(vault.info("t/1")->version == 3);
  CHECK(text_of(other.get("t/1", {.number = 2})) == "theirs too");
  check_clean(other, 50);
}

}  // namespace
}  // namespace tokenvault::test
