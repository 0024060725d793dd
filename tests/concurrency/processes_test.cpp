// Several processes over one vault, in a database and in a file: real ones, since locks and caches are
// per process.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "support/child.hpp"
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"
#include "tokenvault/lease.hpp"

namespace tokenvault::test {
namespace {

constexpr int kProcesses = 8, kPuts = 15;

/// Each backend that processes share, in turn.
constexpr const char* kSchemes[] = {"sqlite:", "file:"};

std::unique_ptr<Store> store_at(const std::string& uri, bool create = false) {
  StoreOptions options;
  options.create = create;
  options.lock_timeout = std::chrono::minutes(2);  // the machine may be busy
  auto store = open_store(uri, options);
  REQUIRE_MESSAGE(store, (store ? "" : store.error().message()));
  return *std::move(store);
}

VaultOptions patient() {
  VaultOptions options;
  options.timeout = std::chrono::minutes(2);
  return options;
}

Vault vault_at(const std::string& uri) {
  auto vault = Vault::open(store_at(uri), raw_key(), patient());
  REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
  return *std::move(vault);
}

std::vector<Child> children(const std::string& test_case, const std::string& uri, int count) {
  std::vector<Child> all;
  for (int i = 0; i < count; ++i)
    all.emplace_back(test_case, std::vector<std::string>{"VAULT=" + uri, "NUMBER=" + std::to_string(i)});
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
  for (const std::string scheme : kSchemes) {
    CAPTURE(scheme);
    const TempDir folder;
    const auto uri = scheme + (folder / "v");
    auto vault = *Vault::create(store_at(uri, true), raw_key(), patient());
    for (auto& child : children("child: put", uri, kProcesses)) CHECK(child.join() == 0);
    CHECK(vault.info("shared")->version == kProcesses * kPuts);
    for (int i = 0; i < kProcesses; ++i)
      CHECK(text_of(vault.get("own/" + std::to_string(i))) == std::to_string(kPuts - 1));
    const auto report = vault.verify();
    REQUIRE(report);
    CHECK(report->faults.empty());
    CHECK(report->orphans == 0);
  }
}

TEST_CASE("child: create" * doctest::skip()) {
  const auto vault = Vault::create(store_at(setting("VAULT"), true), raw_key(), patient());
  if (vault) std::_Exit(7);
  CHECK_MESSAGE(vault.error().code() == Errc::already_exists, vault.error().message());
}

TEST_CASE("processes that make a vault at once make one") {
  for (const std::string scheme : kSchemes) {
    CAPTURE(scheme);
    for (int round = 0; round < 5; ++round) {
      const TempDir folder;
      const auto uri = scheme + (folder / "v");
      int made = 0, found = 0;
      for (auto& child : children("child: create", uri, kProcesses)) {
        const int status = child.join();
        made += WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 1 : 0;
        found += status == 0 ? 1 : 0;
      }
      CHECK(made == 1);
      CHECK(found == kProcesses - 1);
      CHECK(vault_at(uri).info()->generation == 1);
    }
  }
}

TEST_CASE("child: follow" * doctest::skip()) {
  const auto lease = vault_at(setting("VAULT")).lease("a");
  std::uint32_t last = 0;
  while (last <= kPuts) {
    // Half of them are told, half of them ask.
    if (std::stoi(setting("NUMBER")) % 2 == 0) REQUIRE(lease.wait(last, std::chrono::milliseconds(50)));
    const auto token = lease.token();
    REQUIRE_MESSAGE(token, (token ? "" : token.error().message()));
    REQUIRE(token->version >= last);
    REQUIRE(text_of(token->value) == std::to_string(token->version));
    last = token->version;
  }
}

TEST_CASE("readers in other processes follow each put without restart") {
  for (const std::string scheme : kSchemes) {
    CAPTURE(scheme);
    const TempDir folder;
    const auto uri = scheme + (folder / "v");
    auto vault = *Vault::create(store_at(uri, true), raw_key(), patient());
    put(vault, "a", "1");
    auto readers = children("child: follow", uri, kProcesses);
    for (int i = 2; i <= kPuts + 1; ++i) put(vault, "a", std::to_string(i));
    for (auto& reader : readers) CHECK(reader.join() == 0);
  }
}

TEST_CASE("child: use" * doctest::skip()) {
  auto vault = vault_at(setting("VAULT"));
  // Rejects the first version until somebody has put the second.
  const auto verdict = vault.with_token("a", [&](const SecretBuffer& value, std::uint32_t version) {
    if (version == 1)
      while (vault.info("a")->version == 1) (void)vault.wait(std::chrono::milliseconds(50)).has_value();
    return text_of(value) == "2" ? Verdict::ok : Verdict::rejected;
  });
  REQUIRE(verdict);
  CHECK(*verdict == Verdict::ok);
}

TEST_CASE("a token rejected in one process is tried again with what another put") {
  for (const std::string scheme : kSchemes) {
    CAPTURE(scheme);
    const TempDir folder;
    const auto uri = scheme + (folder / "v");
    auto vault = *Vault::create(store_at(uri, true), raw_key(), patient());
    put(vault, "a", "1");
    auto clients = children("child: use", uri, 4);
    put(vault, "a", "2");
    for (auto& client : clients) CHECK(client.join() == 0);
    CHECK_FALSE(vault.info("a")->suspect.has_value());
  }
}

TEST_CASE("child: migrate" * doctest::skip()) {
  const auto vault = vault_at(setting("VAULT"));
  const auto target = store_at(setting("TARGET"), true);
  const auto report = vault.migrate_to(*target);
  if (report) std::_Exit(7);
  CHECK_MESSAGE(report.error().code() == Errc::already_exists, report.error().message());
}

TEST_CASE("of processes that move a vault to one place one does") {
  for (const std::string scheme : kSchemes) {
    CAPTURE(scheme);
    const TempDir folder;
    const auto uri = scheme + (folder / "v"), target = scheme + (folder / "target");
    {
      auto vault = *Vault::create(store_at(uri, true), raw_key(), patient());
      for (int i = 0; i < 40; ++i) put(vault, std::to_string(i), "value");
    }
    ::setenv("TARGET", target.c_str(), 1);
    int moved = 0, refused = 0;
    for (auto& child : children("child: migrate", uri, kProcesses)) {
      const int status = child.join();
      moved += WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 1 : 0;
      refused += status == 0 ? 1 : 0;
    }
    ::unsetenv("TARGET");
    CHECK(moved == 1);
    CHECK(refused == kProcesses - 1);
    const auto report = vault_at(target).verify();
    CHECK(report->faults.empty());
    CHECK(report->tokens == 40);
  }
}

TEST_CASE("child: restore" * doctest::skip()) {
  const auto done = Vault::restore(store_at(setting("VAULT")), store_at(setting("BACKUP")), raw_key(),
                                   {.replace = true}, patient());
  CHECK_MESSAGE(done, (done ? "" : done.error().message()));
}

TEST_CASE("restores and puts at once leave a whole vault, and no number twice") {
  for (const std::string scheme : kSchemes) {
    CAPTURE(scheme);
    const TempDir folder;
    const auto uri = scheme + (folder / "v"), backup = scheme + (folder / "backup");
    auto vault = *Vault::create(store_at(uri, true), raw_key(), patient());
    for (int i = 0; i < 3; ++i) put(vault, "a", std::to_string(i));
    REQUIRE(vault.backup_to(*store_at(backup, true)));
    ::setenv("BACKUP", backup.c_str(), 1);
    auto restoring = children("child: restore", uri, 3);
    std::uint32_t last = 3;
    for (int i = 0; i < kPuts; ++i) {
      const auto number = put(vault, "a", "more");
      CHECK(number > last);
      last = number;
    }
    for (auto& child : restoring) CHECK(child.join() == 0);
    ::unsetenv("BACKUP");
    CHECK(put(vault, "a", "last") > last);
    const auto report = vault.verify();
    CHECK(report->faults.empty());
    CHECK(report->orphans == 0);
  }
}

TEST_CASE("child: hold" * doctest::skip()) {
  auto vault = vault_at(setting("VAULT"));
  for (;;) put(vault, "held", "by who is killed");
}

TEST_CASE("a writer that is killed anywhere holds nobody up and tears nothing") {
  for (const std::string scheme : kSchemes) {
    CAPTURE(scheme);
    const TempDir folder;
    const auto uri = scheme + (folder / "v");
    auto vault = *Vault::create(store_at(uri, true), raw_key(), patient());
    for (int round = 0; round < 5; ++round) {
      put(vault, "held", "at first");
      auto child = std::move(children("child: hold", uri, 1).front());
      const auto start = vault.info("held")->version;
      while (vault.info("held")->version < start + 2 + static_cast<std::uint32_t>(round))
        (void)vault.wait(std::chrono::milliseconds(50)).has_value();
      ::kill(child.pid(), SIGKILL);
      CHECK(WIFSIGNALED(child.join()));
      put(vault, "after", std::to_string(round));
      const auto report = vault.verify();
      CHECK(report->faults.empty());
      CHECK(report->orphans == 0);
    }
  }
}

TEST_CASE("after fork a child's vault says so, and a vault opened anew works in both") {
  for (const std::string scheme : kSchemes) {
    CAPTURE(scheme);
    const TempDir folder;
    const auto uri = scheme + (folder / "v");
    auto vault = *Vault::create(store_at(uri, true), raw_key(), patient());
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
      auto again = Vault::open(store_at(uri), raw_key());
      const bool works = again && text_of(again->get("a")) == "one" && again->put("a", secret("child's"));
      ::_exit((gone ? 0 : 1) + (told ? 0 : 2) + (works ? 0 : 4));
    }
    int status = -1;
    ::waitpid(pid, &status, 0);
    CHECK(status == 0);
    CHECK(text_of(*value) == "one");
    CHECK(text_of(vault.get("a")) == "child's");
  }
}

}  // namespace
}  // namespace tokenvault::test
