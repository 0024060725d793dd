// One open vault, and several over one store, used by many threads at once. Run under TSan in CI.
#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

std::unique_ptr<Store> sqlite_at(const std::string& path) {
  auto store = open_sqlite_store(path, {.create = true});
  REQUIRE_MESSAGE(store, (store ? "" : store.error().message()));
  return *std::move(store);
}

Vault vault_at(const std::string& path) {
  auto vault = Vault::open(sqlite_at(path), raw_key());
  REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
  return *std::move(vault);
}

void run_all(std::vector<std::function<void()>> jobs) {
  std::vector<std::jthread> threads;
  for (auto& job : jobs) threads.emplace_back(std::move(job));
}

/// Readers must never see a value older than one they saw before, nor one that was not put.
void read_while_writing(Vault& reader, Vault& writer) {
  constexpr int kPuts = 60;
  put(writer, "a", "0");
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  const auto read = [&] {
    int last = 0;
    while (!done) {
      const auto value = reader.get("a");
      const int now = value ? std::stoi(text_of(*value)) : -1;
      if (now < last || now > kPuts) ++wrong;
      last = now;
    }
  };
  const auto write = [&] {
    for (int i = 1; i <= kPuts; ++i)
      if (!writer.put("a", secret(std::to_string(i)))) ++wrong;
    done = true;
  };
  run_all({read, read, read, write});
  CHECK(wrong == 0);
  CHECK(text_of(reader.get("a")) == std::to_string(kPuts));
}

TEST_CASE("readers see each put at once and never an older value: memory") {
  VaultFixture at;
  auto vault = at.create();
  SUBCASE("one vault") { read_while_writing(vault, vault); }
  SUBCASE("two vaults over one store") {
    auto other = at.open();
    read_while_writing(other, vault);
  }
}

TEST_CASE("readers see each put at once and never an older value: sqlite") {
  const TempDir folder;
  auto vault = *Vault::create(sqlite_at(folder / "v.db"), raw_key());
  SUBCASE("one vault") { read_while_writing(vault, vault); }
  SUBCASE("two connections") {
    auto other = vault_at(folder / "v.db");
    read_while_writing(other, vault);
  }
}

/// Both win: a conflict is the vault's affair, not the caller's.
void write_together(std::vector<Vault*> vaults) {
  constexpr int kPuts = 15;
  std::mutex mutex;
  std::multiset<std::uint32_t> numbers;
  std::atomic<int> failed = 0;
  std::vector<std::function<void()>> jobs;
  for (std::size_t i = 0; i < 4; ++i)
    jobs.emplace_back([&, i] {
      auto& vault = *vaults[i % vaults.size()];
      for (int n = 0; n < kPuts; ++n) {
        const auto number = vault.put("shared", secret("v"));
        const auto own = vault.put("own/" + std::to_string(i), secret(std::to_string(n)));
        if (!number || !own) {
          ++failed;
          continue;
        }
        const std::lock_guard lock(mutex);
        numbers.insert(*number);
      }
    });
  run_all(std::move(jobs));
  CHECK(failed == 0);
  CHECK(numbers.size() == 4 * kPuts);
  CHECK(std::set(numbers.begin(), numbers.end()).size() == 4 * kPuts);  // no number given twice
  for (int i = 0; i < 4; ++i)
    CHECK(text_of(vaults[0]->get("own/" + std::to_string(i))) == std::to_string(kPuts - 1));
  const auto report = vaults[0]->verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
}

TEST_CASE("writers on the same and on different tokens all succeed") {
  SUBCASE("memory, one vault") {
    VaultFixture at;
    auto vault = at.create();
    write_together({&vault});
  }
  SUBCASE("memory, two vaults") {
    VaultFixture at;
    auto one = at.create();
    auto two = at.open();
    write_together({&one, &two});
  }
  SUBCASE("sqlite, two connections") {
    const TempDir folder;
    auto one = *Vault::create(sqlite_at(folder / "v.db"), raw_key());
    auto two = vault_at(folder / "v.db");
    write_together({&one, &two});
  }
}

/// Imports that replace, and puts of the same names: each gets a number of its own.
void import_beside_puts(Vault& importer, Vault& putter) {
  constexpr std::uint32_t kRounds = 10, kNames = 20;
  std::atomic<int> failed = 0;
  const auto name = [](std::uint32_t i) { return "t/" + std::to_string(i % kNames); };
  const auto import_all = [&] {
    for (std::uint32_t round = 0; round < kRounds; ++round) {
      const auto next = [&, i = std::uint32_t{0}]() mutable -> Result<std::optional<NewToken>> {
        if (i == kNames) return std::optional<NewToken>();
        return std::optional(NewToken{name(i++), secret("imported")});
      };
      if (!importer.put_all(next, Existing::replace)) ++failed;
    }
  };
  const auto put_each = [&] {
    for (std::uint32_t i = 0; i < kRounds * kNames; ++i)
      if (!putter.put(name(i), secret("put"))) ++failed;
  };
  run_all({import_all, put_each});
  CHECK(failed == 0);
  for (std::uint32_t i = 0; i < kNames; ++i) CHECK(putter.info(name(i))->versions.size() == 2 * kRounds);
  const auto report = importer.verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
}

TEST_CASE("imports and puts of the same names lose nothing of each other") {
  SUBCASE("memory, one vault") {
    VaultFixture at;
    auto vault = at.create();
    import_beside_puts(vault, vault);
  }
  SUBCASE("sqlite, two connections") {
    const TempDir folder;
    auto one = *Vault::create(sqlite_at(folder / "v.db"), raw_key());
    auto two = vault_at(folder / "v.db");
    import_beside_puts(one, two);
  }
}

TEST_CASE("of two restores into one empty place one does it, and the other leaves it alone") {
  for (int round = 0; round < 20; ++round) {
    VaultFixture at, place;
    auto vault = at.create();
    for (int i = 0; i < 40; ++i) put(vault, "t/" + std::to_string(i), "v");
    std::atomic<int> done = 0, left = 0;
    const auto restore = [&] {
      const auto report = Vault::restore(place.view(), at.view(), raw_key());
      done += report ? 1 : 0;
      left += !report && (report.error().code() == Errc::already_exists ||
                          report.error().code() == Errc::conflict)
                  ? 1
                  : 0;
    };
    run_all({restore, restore});
    CHECK(done == 1);
    CHECK(left == 1);
    CHECK(place.open().verify()->faults.empty());
  }
}

TEST_CASE("keys rotate under readers and writers") {
  VaultFixture at;
  auto vault = at.create();
  auto other = at.open();
  put(vault, "a", "v");
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  const auto read = [&] {
    while (!done)
      if (text_of(other.get("a")) != "v") ++wrong;
  };
  const auto write = [&] {
    while (!done)
      if (!other.put("b", secret("w"))) ++wrong;
  };
  const auto rotate = [&] {
    for (int i = 0; i < 20; ++i)
      if (!vault.rotate_master()) ++wrong;
    done = true;
  };
  run_all({read, write, rotate});
  CHECK(wrong == 0);
  CHECK(vault.info()->epoch == 21);
  CHECK(vault.verify()->faults.empty());
}

TEST_CASE("two creations at once make one vault") {
  for (int round = 0; round < 20; ++round) {
    VaultFixture at;
    std::atomic<int> made = 0, found = 0;
    const auto create = [&] {
      const auto vault = Vault::create(at.view(), raw_key());
      made += vault ? 1 : 0;
      found += !vault && vault.error().code() == Errc::already_exists ? 1 : 0;
    };
    run_all({create, create});
    CHECK(made == 1);
    CHECK(found == 1);
  }
}

}  // namespace
}  // namespace tokenvault::test
