// A client's hold on a token through its rotation, and what it may try when it is rejected.
#include "tokenvault/lease.hpp"

#include <thread>

#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a lease gives what is current, whoever made it so, and outlives its vault's object") {
  VaultFixture at;
  auto other = at.create();
  put(other, "a", "1");
  const auto lease = at.open().lease("a");
  CHECK(lease.name() == "a");
  CHECK(text_of(lease.get()) == "1");
  CHECK(text_of(lease.get()) == "1");
  put(other, "a", "2");
  CHECK(text_of(lease.get()) == "2");
  const auto token = lease.token();
  REQUIRE(token);
  CHECK(text_of(token->value) == "2");
  CHECK(token->version == 2);
  REQUIRE(other.rotate_master());
  put(other, "a", "3");
  const auto copy = lease;
  CHECK(text_of(copy.get()) == "3");
  CHECK(copy.token()->version == 3);
  REQUIRE(other.erase("a"));
  CHECK(code_of(lease.get()) == Errc::not_found);
  put(other, "a", "4");
  CHECK(text_of(lease.get()) == "4");
}

TEST_CASE("a lease of a token that is not there yet waits for it by asking") {
  VaultFixture at;
  auto vault = at.create();
  const auto lease = vault.lease("a");
  CHECK(code_of(lease.get()) == Errc::not_found);
  put(vault, "a", "1");
  CHECK(text_of(lease.get()) == "1");
  CHECK(code_of(vault.lease("a//b").get()) == Errc::invalid_argument);
}

TEST_CASE("an expired token is refused by a lease that has it at hand") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "1", {.expires = Time(1'800'000'010s)});
  const auto lease = vault.lease("a");
  CHECK(text_of(lease.get()) == "1");
  at.clock.advance(20s);
  CHECK(code_of(lease.get()) == Errc::expired);
}

TEST_CASE("a key file that is replaced changes nothing for a lease that is held") {
  const TempDir folder;
  const auto path = folder / "vault.key";
  REQUIRE(make_key_file(path));
  const auto key = key_from_file(path);
  REQUIRE(key);
  VaultFixture at;
  auto writer = at.create(*key);
  put(writer, "a", "1");
  const auto lease = at.open(*key).lease("a");
  REQUIRE(std::filesystem::remove(path));
  REQUIRE(make_key_file(path));
  put(writer, "a", "2");
  CHECK(text_of(lease.get()) == "2");
  REQUIRE(writer.rotate_master());
  put(writer, "a", "3");
  CHECK(text_of(lease.get()) == "3");
  CHECK(code_of(Vault::open(at.view(), *key_from_file(path), at.options())) == Errc::wrong_key);
}

TEST_CASE("waiting ends with the next commit, or with the time") {
  VaultFixture at;
  auto vault = at.create();
  auto other = at.open();
  put(other, "a", "1");
  CHECK(*vault.wait(1h));
  CHECK(text_of(vault.get("a")) == "1");
  const auto before = at.clock.steady();
  CHECK_FALSE(*vault.wait(1s));
  CHECK(at.clock.steady() - before >= 1s);
  put(other, "b", "1");
  CHECK(*vault.wait(1h));
}

TEST_CASE("a lease waits for another version of its own token, not for any commit") {
  VaultFixture at;
  auto vault = at.create();
  auto other = at.open();
  put(vault, "a", "1");
  const auto lease = vault.lease("a");
  CHECK(*lease.wait(1, 1s) == 1);
  CHECK(*lease.wait(0, 1h) == 1);
  put(other, "b", "1");
  CHECK(*lease.wait(1, 1s) == 1);
  std::thread writer([&] { put(other, "a", "2"); });
  std::uint32_t seen = 1;
  while (seen == 1) seen = *lease.wait(1, 1h);
  writer.join();
  CHECK(seen == 2);
}

/// Plays a part whenever it is asked for the time for the nth time from now.
class PlayingClock final : public Clock {
 public:
  [[nodiscard]] Time now() const noexcept override { return time.now(); }
  [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override {
    if (countdown > 0 && --countdown == 0) part();
    return time.steady();
  }
  void sleep(std::chrono::nanoseconds span) const noexcept override { time.sleep(span); }

  FakeClock time;
  mutable int countdown = 0;
  std::function<void()> part;
};

TEST_CASE("a lease that looked just before another thread of its vault did is woken all the same") {
  VaultFixture at;
  PlayingClock clock;
  auto writer = at.create();
  put(writer, "a", "1");
  const auto vault = Vault::open(at.view(), raw_key(), {.clock = &clock});
  REQUIRE(vault);
  clock.part = [&] {
    put(writer, "a", "2");
    CHECK(text_of(vault->get("a")) == "2");  // the other thread's
  };
  clock.countdown = 2;  // at its start it asks once, and again between its look and its wait
  CHECK(*vault->lease("a").wait(1, 1h) == 2);
  CHECK(clock.time.steady() == 0s);
}

/// Answers as it is told, and remembers what it was given.
struct Server {
  std::vector<Verdict> answers;
  std::vector<std::string> given = {};
  std::function<void()> meanwhile = [] {};

  UseToken use() {
    return [this](const SecretBuffer& value, std::uint32_t version) {
      given.push_back(text_of(value) + "@" + std::to_string(version));
      meanwhile();
      const auto answer = answers.front();
      answers.erase(answers.begin());
      return answer;
    };
  }
};

using Given = std::vector<std::string>;

TEST_CASE("an accepted token and a failed call are not tried again") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "1");
  put(vault, "a", "2");
  for (const auto verdict : {Verdict::ok, Verdict::failed}) {
    Server server{{verdict}};
    CHECK(*vault.with_token("a", server.use()) == verdict);
    CHECK(server.given == Given{"2@2"});
  }
  CHECK_FALSE(vault.info("a")->suspect.has_value());
  CHECK(code_of(vault.with_token("b", Server{}.use())) == Errc::not_found);
}

TEST_CASE("a rejected token is tried once more with what came meanwhile") {
  VaultFixture at;
  auto vault = at.create();
  auto rotator = at.open();
  put(vault, "a", "1");
  Server server{{Verdict::rejected, Verdict::ok}};
  server.meanwhile = [&] {
    if (server.given.size() == 1) put(rotator, "a", "2");
  };
  CHECK(*vault.lease("a").use(server.use()) == Verdict::ok);
  CHECK(server.given == Given{"1@1", "2@2"});
  CHECK_FALSE(vault.info("a")->suspect.has_value());
}

TEST_CASE("without a newer one the previous gets its chance") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "1");
  put(vault, "a", "2");
  Server server{{Verdict::rejected, Verdict::ok}};
  CHECK(*vault.with_token("a", server.use()) == Verdict::ok);
  CHECK(server.given == Given{"2@2", "1@1"});
  CHECK_FALSE(vault.info("a")->suspect.has_value());
}

TEST_CASE("a previous version past its expiry gets none") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "1", {.expires = Time(1'800'000'010s)});
  put(vault, "a", "2");
  at.clock.advance(20s);
  Server server{{Verdict::rejected}};
  CHECK(*vault.with_token("a", server.use()) == Verdict::rejected);
  CHECK(server.given == Given{"2@2"});
}

TEST_CASE("rejected twice it is suspect, and not one value is gone") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "1");
  put(vault, "a", "2");
  Server server{{Verdict::rejected, Verdict::rejected}};
  CHECK(*vault.with_token("a", server.use()) == Verdict::rejected);
  CHECK(server.given == Given{"2@2", "1@1"});
  CHECK(at.open().info("a")->suspect->version == 2);
  CHECK(text_of(vault.get("a")) == "2");
  CHECK(text_of(vault.get("a", {.stage = Stage::previous})) == "1");
}

TEST_CASE("a second try that fails says nothing of the token") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "1");
  put(vault, "a", "2");
  Server server{{Verdict::rejected, Verdict::failed}};
  CHECK(*vault.with_token("a", server.use()) == Verdict::failed);
  CHECK_FALSE(vault.info("a")->suspect.has_value());
}

/// What there is to be tried when the first answer is `rejected`.
enum class Spare { none, previous, expired_previous, newer };

void check_answers(Spare spare, Verdict first, Verdict second) {
  VaultFixture at;
  auto vault = at.create();
  auto rotator = at.open();
  if (spare == Spare::previous) put(vault, "a", "x");
  if (spare == Spare::expired_previous) put(vault, "a", "x", {.expires = at.clock.now() + 10s});
  const auto current = put(vault, "a", "x");
  at.clock.advance(20s);
  Server server{{first, second}};
  server.meanwhile = [&] {
    if (spare == Spare::newer && server.given.size() == 1) put(rotator, "a", "x");
  };
  const bool again = first == Verdict::rejected && (spare == Spare::previous || spare == Spare::newer);
  const auto last = again ? second : first;
  CHECK(*vault.with_token("a", server.use()) == last);
  CHECK(server.given.size() == (again ? 2 : 1));
  const auto suspect = vault.info("a")->suspect;
  CHECK(suspect.has_value() == (last == Verdict::rejected));
  if (suspect) CHECK(suspect->version == (spare == Spare::newer ? current + 1 : current));
}

TEST_CASE("every pair of answers, with everything that there may be to try again with") {
  constexpr Verdict kAnswers[] = {Verdict::ok, Verdict::rejected, Verdict::failed};
  for (const auto spare : {Spare::none, Spare::previous, Spare::expired_previous, Spare::newer})
    for (const auto first : kAnswers)
      for (const auto second : kAnswers) {
        CAPTURE(static_cast<int>(spare));
        CAPTURE(static_cast<int>(first));
        CAPTURE(static_cast<int>(second));
        check_answers(spare, first, second);
      }
}

TEST_CASE("where nothing can be written the verdict comes without a mark") {
  VaultFixture at;
  struct ReadOnly final : SharedStore {
    using SharedStore::SharedStore;
    Result<Revision> commit(const Commit&) override { return Error(Errc::read_only, "read-only"); }
  };
  auto writer = at.create();
  put(writer, "a", "1");
  auto vault = Vault::open(std::make_unique<ReadOnly>(at.store), raw_key(), at.options());
  REQUIRE(vault);
  Server server{{Verdict::rejected}};
  CHECK(*vault->with_token("a", server.use()) == Verdict::rejected);
  CHECK_FALSE(writer.info("a")->suspect.has_value());
}

TEST_CASE("leases of many threads follow one writer") {
  VaultFixture at;
  auto writer = at.create();
  auto shared = at.open();
  put(writer, "a", "1");
  constexpr int kLast = 60;
  std::vector<std::thread> readers;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i)
    readers.emplace_back([&, lease = shared.lease("a")] {
      std::uint32_t seen = 0;
      while (seen < kLast) {
        const auto token = lease.token();
        const bool right =
            token && token->version >= seen && text_of(token->value) == std::to_string(token->version);
        if (!right) ++wrong;
        if (token) seen = token->version;
      }
    });
  for (int i = 2; i <= kLast; ++i) put(writer, "a", std::to_string(i));
  for (auto& reader : readers) reader.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace tokenvault::test
