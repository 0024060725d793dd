// Several processes over one SQLite vault: real ones, since locks and caches are per process.
#include <unistd.h>

#include <algorithm>

#include "support/child.hpp"
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

constexpr int kProcesses = 4, kPuts = 25;

std::unique_ptr<Store> store_at(const std::string& path, bool create = false) {
  auto store = open_sqlite_store(path, {.create = create});
  REQUIRE_MESSAGE(store, (store ? "" : store.error().message()));
  return *std::move(store);
}

Vault vault_at(const std::string& path) {
  auto vault = Vault::open(store_at(path), raw_key());
  REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
  return *std::move(vault);
}

std::vector<Child> children(const std::string& test_case, const std::string& path, int count) {
  std::vector<Child> all;
  for (int i = 0; i < count; ++i)
    all.emplace_back(test_case, std::vector<std::string>{"VAULT=" + path, "NUMBER=" + std::to_string(i)});
  return all;
}

TEST_CASE("child: put" * doctest::skip()) {
  auto vault = vault_at(setting("VAULT"));
  const auto own = "own/" + setting("NUMBER");
  for (int i = 0; i < kPuts; ++i) {
    put(vault, "shared", own);
    put(vault, own, std::to_string(i));
    CHECK(text_of(vault.get(own)) == std::to_string(i));
  }
}

TEST_CASE("processes that put at once lose nothing") {
  const TempDir folder;
  const auto path = folder / "v.db";
  auto vault = *Vault::create(store_at(path, true), raw_key());
  for (auto& child : children("child: put", path, kProcesses)) CHECK(child.join() == 0);
  CHECK(vault.info("shared")->version == kProcesses * kPuts);
  for (int i = 0; i < kProcesses; ++i)
    CHECK(text_of(vault.get("own/" + std::to_string(i))) == std::to_string(kPuts - 1));
  const auto report = vault.verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
}

TEST_CASE("child: create" * doctest::skip()) {
  auto store = open_sqlite_store(setting("VAULT"), {.create = true});
  REQUIRE_MESSAGE(store, (store ? "" : store.error().message()));
  const auto vault = Vault::create(*std::move(store), raw_key());
  if (vault) std::_Exit(7);
  CHECK_MESSAGE(vault.error().code() == Errc::already_exists, vault.error().message());
}

TEST_CASE("processes that make a vault at once make one") {
  for (int round = 0; round < 5; ++round) {
    const TempDir folder;
    const auto path = folder / "v.db";
    int made = 0, found = 0;
    for (auto& child : children("child: create", path, kProcesses)) {
      const int status = child.join();
      made += WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 1 : 0;
      found += status == 0 ? 1 : 0;
    }
    CHECK(made == 1);
    CHECK(found == kProcesses - 1);
    CHECK(vault_at(path).info()->generation == 1);
  }
}

TEST_CASE("child: follow" * doctest::skip()) {
  auto vault = vault_at(setting("VAULT"));
  int last = -1;
  while (last < kPuts) {
    const auto value = vault.get("a");
    REQUIRE_MESSAGE(value, (value ? "" : value.error().message()));
    const int now = std::stoi(text_of(*value));
    REQUIRE(now >= last);
    last = now;
  }
}

TEST_CASE("readers in other processes follow each put without restart") {
  const TempDir folder;
  const auto path = folder / "v.db";
  auto vault = *Vault::create(store_at(path, true), raw_key());
  put(vault, "a", "0");
  auto readers = children("child: follow", path, 3);
  for (int i = 1; i <= kPuts; ++i) put(vault, "a", std::to_string(i));
  for (auto& reader : readers) CHECK(reader.join() == 0);
}

TEST_CASE("after fork a child's vault says so, and a vault opened anew works in both") {
  const TempDir folder;
  const auto path = folder / "v.db";
  auto vault = *Vault::create(store_at(path, true), raw_key());
  put(vault, "a", "one");
  const auto value = vault.get("a");
  REQUIRE(value);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const bool gone = value->expose().empty();
    const auto got = vault.get("a");
    const auto stored = vault.put("a", secret("two"));
    const bool told =
        !got && got.error().code() == Errc::forked && !stored && stored.error().code() == Errc::forked;
    auto again = Vault::open(store_at(path), raw_key());
    const bool works = again && text_of(again->get("a")) == "one" && again->put("a", secret("child's"));
    ::_exit((gone ? 0 : 1) + (told ? 0 : 2) + (works ? 0 : 4));
  }
  int status = -1;
  ::waitpid(pid, &status, 0);
  CHECK(status == 0);
  CHECK(text_of(*value) == "one");
  CHECK(text_of(vault.get("a")) == "child's");
}

}  // namespace
}  // namespace tokenvault::test
