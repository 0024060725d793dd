// What lies on the disk, what fails there, and what others put there.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <random>
#include <sstream>

#include "issuer_place.hpp"
#include "support/system_calls.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kSecretAt = std::string_view("org_").size() + TokenFormat::kIdSize;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  file.close();
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
}

/// Somebody else's connection, without any of our care.
struct Other {
  explicit Other(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK); }
  ~Other() { sqlite3_close(handle); }
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;
  void run(const std::string& sql) {
    CAPTURE(sql);
    REQUIRE(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  sqlite3* handle = nullptr;
};

struct Place {
  TempDir folder;
  FakeClock clock;
  std::string path = folder / "issued.db";

  Result<Issuer> open() { return Issuer::open(path, "org", master_key(), clock); }
  Result<Decision> ask(Issuer& issuer, std::string_view token) {
    const std::string field = "Bearer " + std::string(token);
    const std::array fields{std::string_view(field)};
    return issuer.authorize(fields, {});
  }
};

bool is_granted(const Result<Decision>& decision) {
  return decision && std::holds_alternative<Grant>(*decision);
}

}  // namespace

TEST_CASE("no file holds a secret part, and the search would find one") {
  Place at;
  auto issuer = at.open().value();
  std::vector<IssuedToken> tokens;
  for (int i = 0; i < 20; ++i) {
    tokens.push_back(issuer.issue({"acme", "ci", "", std::nullopt}).value());
    REQUIRE(is_granted(at.ask(issuer, text_of(tokens.back()))));
    tokens.push_back(issuer.rotate(tokens.back().grant.id, {"r", 60s, 600s}).value());
    REQUIRE(is_granted(at.ask(issuer, text_of(tokens.back()))));
  }
  const auto planted = issuer.issue({"acme", std::string(text_of(tokens[0])), "", std::nullopt}).value();
  std::string all;
  for (const char* suffix : {"", "-wal", "-shm"}) all += bytes_of(at.path + suffix);
  struct stat seen {};
  REQUIRE(::stat(at.path.c_str(), &seen) == 0);
  CHECK((seen.st_mode & 07777) == 0600);
  const auto holds = [&](std::string_view text) { return all.find(text) != std::string::npos; };
  for (const auto& token : tokens) {
    CHECK(holds(token.grant.id));
    const auto secret = text_of(token).substr(kSecretAt, TokenFormat::kSecretSize);
    // Half of one would be 128 bits less to guess.
    const bool found = holds(secret.substr(0, 12)) || holds(secret.substr(20, 12));
    CHECK(found == (token.grant.id == tokens[0].grant.id));
  }
}

TEST_CASE("a row that somebody writes without the key lets nobody in") {
  Place at;
  auto issuer = at.open().value();
  const auto good = issuer.issue({"acme", "ci", "", std::nullopt}).value();
  // Made by another issuer, or with another key: the whole row is as it should be.
  TempDir elsewhere;
  auto forger = Issuer::open(elsewhere / "f.db", "org", master_key(7), at.clock).value();
  const auto forged = forger.issue({"acme", "forged", "", std::nullopt}).value();
  const auto lent = forger.issue({"acme", "lent", "", std::nullopt}).value();
  Other other(at.path);
  other.run("ATTACH '" + (elsewhere / "f.db") + "' AS f; INSERT INTO issued SELECT * FROM f.issued");
  CHECK(issuer.list("acme").value().size() == 3);
  CHECK(word(test::ask(issuer, text_of(forged))) == "unknown");
  // A known digest under another id.
  other.run("UPDATE issued SET digest = (SELECT digest FROM issued WHERE id = '" + good.grant.id +
            "') WHERE id = '" + lent.grant.id + "'");
  CHECK(word(test::ask(issuer, text_of(lent))) == "unknown");
  CHECK(word(test::ask(issuer, text_of(good))) == "");
  // Of an id that is gone the next row is read: it must not count, whatever its digest.
  other.run("UPDATE issued SET id = 'zzzzzzzzzzzz' WHERE id = '" + good.grant.id + "'");
  other.run("DELETE FROM issued WHERE id > '" + good.grant.id + "' AND id < 'zzzzzzzzzzzz'");
  CHECK(word(test::ask(issuer, text_of(good))) == "unknown");
}

TEST_CASE("a disk that fails lets nobody in who was revoked, and keeps nobody out for ever") {
  for (const int error : {ENOSPC, EIO})
    for (int moment = 1;; ++moment) {
      CAPTURE(error);
      CAPTURE(moment);
      Place at;
      SystemCalls calls;
      auto opened = at.open();
      REQUIRE(opened);
      auto& issuer = *opened;
      const auto used = issuer.issue({"acme", "used", "", std::nullopt}).value();
      const auto gone = issuer.issue({"acme", "gone", "", std::nullopt}).value();
      REQUIRE(is_granted(at.ask(issuer, text_of(used))));
      REQUIRE(is_granted(at.ask(issuer, text_of(gone))));
      calls.fail_from(moment, error);
      const auto issued = issuer.issue({"acme", "new", "", std::nullopt});
      const auto next = issuer.rotate(used.grant.id, {"r", 60s, 600s});
      const bool revoked = issuer.revoke(gone.grant.id).has_value();
      at.clock.advance(120s);
      const auto after = at.ask(issuer, text_of(gone));
      if (revoked) CHECK_FALSE(is_granted(after));
      CHECK(is_granted(at.ask(issuer, text_of(used))));  // its last use is not worth an error
      const bool failed = calls.count() >= moment;
      calls.heal();
      if (issued) CHECK(is_granted(at.ask(issuer, text_of(*issued))));
      if (next) CHECK(is_granted(at.ask(issuer, text_of(*next))));
      REQUIRE(issuer.revoke(gone.grant.id));
      CHECK_FALSE(is_granted(at.ask(issuer, text_of(gone))));
      REQUIRE(issuer.flush());
      CHECK(issuer.find(used.grant.id).value().last_used == at.clock.now());
      if (!failed) break;
    }
}

TEST_CASE("a first use that cannot be written is an error, not a grant") {
  Place at;
  SystemCalls calls;
  auto issuer = at.open().value();
  const auto first = issuer.issue({"acme", "ci", "", std::nullopt}).value();
  calls.fail_from(1, ENOSPC);
  const auto refused = at.ask(issuer, text_of(first));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Errc::io);
  calls.heal();
  CHECK(is_granted(at.ask(issuer, text_of(first))));
}

TEST_CASE("a lock that another process holds delays no decision on a token in use") {
  Place at;
  auto* vfs = sqlite3_vfs_find(nullptr);
  const auto sleep = vfs->xSleep;
  vfs->xSleep = [](sqlite3_vfs*, int span) { return span; };
  auto issuer = at.open().value();
  const auto used = issuer.issue({"acme", "used", "", std::nullopt}).value();
  const auto fresh = issuer.issue({"acme", "fresh", "", std::nullopt}).value();
  REQUIRE(is_granted(at.ask(issuer, text_of(used))));
  {
    Other other(at.path);
    other.run("BEGIN IMMEDIATE");
    at.clock.advance(300s);
    CHECK(is_granted(at.ask(issuer, text_of(used))));
    CHECK(issuer.find(used.grant.id).value().last_used == at.clock.now());  // known here, not written
    const auto first = at.ask(issuer, text_of(fresh));
    REQUIRE_FALSE(first);
    CHECK(first.error().code() == Errc::unavailable);
    const auto revoked = issuer.revoke(used.grant.id);
    REQUIRE_FALSE(revoked);
    CHECK(revoked.error().code() == Errc::unavailable);
  }
  REQUIRE(issuer.flush());
  CHECK(at.open().value().find(used.grant.id).value().last_used == at.clock.now());
  vfs->xSleep = sleep;
}

TEST_CASE("a database of another program, of a later version, or cut, is refused") {
  const auto code_at = [](Place& at) {
    const auto opened = at.open();
    REQUIRE_FALSE(opened);
    return opened.error().code();
  };
  Place at;
  SUBCASE("another program's") {
    Other(at.path).run("CREATE TABLE t (x)");
    REQUIRE(::chmod(at.path.c_str(), 0600) == 0);
    CHECK(code_at(at) == Errc::tampered);
  }
  SUBCASE("no database") {
    write_bytes(at.path, std::string(5000, 'x'));
    CHECK(code_at(at) == Errc::tampered);
  }
  SUBCASE("a later version's") {
    REQUIRE(at.open());
    Other(at.path).run("PRAGMA user_version = 2");
    CHECK(code_at(at) == Errc::unsupported);
  }
  SUBCASE("one with a trigger") {
    REQUIRE(at.open());
    Other(at.path).run("CREATE TRIGGER t AFTER UPDATE ON issued BEGIN SELECT 1; END");
    CHECK(code_at(at) == Errc::tampered);
  }
  SUBCASE("cut") {
    REQUIRE(at.open());
    write_bytes(at.path, bytes_of(at.path).substr(0, 6000));
    CHECK(code_at(at) == Errc::tampered);
  }
  SUBCASE("without the key's mark") {
    REQUIRE(at.open().value().issue({"acme", "ci", "", std::nullopt}));
    Other(at.path).run("DELETE FROM issuer");
    CHECK(code_at(at) == Errc::tampered);
  }
  SUBCASE("one that others may write") {
    REQUIRE(at.open());
    REQUIRE(::chmod(at.path.c_str(), 0622) == 0);
    CHECK(code_at(at) == Errc::refused);
  }
}

TEST_CASE("a change to a file that was replaced is an error: it would reach nobody") {
  Place at;
  auto issuer = at.open().value();
  const auto issued = issuer.issue({"acme", "ci", "", std::nullopt}).value();
  const auto sound = bytes_of(at.path);
  REQUIRE(::rename(at.path.c_str(), (at.path + ".old").c_str()) == 0);
  write_bytes(at.path, sound);
  const auto revoked = issuer.revoke(issued.grant.id);
  REQUIRE_FALSE(revoked);
  CHECK(revoked.error().code() == Errc::io);
}

TEST_CASE("a row of wrong types is tampered, and others go on") {
  for (const char* change :
       {"lineage = 'x'", "org = x'00'", "created_at = 'soon'", "created_at = -1", "expires_at = 'x'",
        "expires_at = 9223372036854775807", "revoked_at = x'01'", "digest = 'text'", "scopes = x'61'",
        "first_used_at = 1.5", "lifetime = 'x'", "name = CAST(x'ff0a41' AS TEXT)", "rotation = char(10)",
        "name = printf('%.*c', 500, 'a')"}) {
    CAPTURE(std::string(change));
    Place at;
    auto issued = at.open().value().issue({"acme", "ci", "", std::nullopt}).value();
    auto beside = at.open().value().issue({"acme", "beside", "", std::nullopt}).value();
    {
      // As if STRICT were not there, and back again.
      Other other(at.path);
      other.run(
          "PRAGMA writable_schema = ON; CREATE TEMP TABLE kept AS SELECT sql FROM sqlite_schema WHERE name = "
          "'issued';"
          "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT, ', '') WHERE name = 'issued'");
      Other(at.path).run("PRAGMA ignore_check_constraints = ON; UPDATE issued SET " + std::string(change) +
                         " WHERE id = '" + issued.grant.id + "'");
      other.run("UPDATE sqlite_schema SET sql = (SELECT sql FROM temp.kept) WHERE name = 'issued'");
    }
    auto issuer = at.open().value();
    const auto found = issuer.find(issued.grant.id);
    CHECK((found || found.error().code() != Errc::tampered) ==
          (std::string_view(change).starts_with("digest")));
    CHECK_FALSE(is_granted(at.ask(issuer, text_of(issued))));
    CHECK(is_granted(at.ask(issuer, text_of(beside))));
  }
}

TEST_CASE("a list and a lineage's end read no other organisation's rows") {
  Place at;
  REQUIRE(at.open());
  Other other(at.path);
  for (const char* sql : {"SELECT id FROM issued WHERE org = 'acme' ORDER BY created_at DESC",
                          "UPDATE issued SET revoked_at = 1 WHERE lineage = 'x'"}) {
    sqlite3_stmt* plan = nullptr;
    REQUIRE(sqlite3_prepare_v2(other.handle, (std::string("EXPLAIN QUERY PLAN ") + sql).c_str(), -1, &plan,
                               nullptr) == SQLITE_OK);
    while (sqlite3_step(plan) == SQLITE_ROW) {
      const std::string step(
          static_cast<const char*>(static_cast<const void*>(sqlite3_column_text(plan, 3))));
      CAPTURE(step);
      CHECK(step.starts_with("SEARCH"));
    }
    sqlite3_finalize(plan);
  }
}

TEST_CASE("flipped bits of the file make no token, and no crash") {
  Place at;
  std::string never;
  {
    auto issuer = at.open().value();
    for (int i = 0; i < 30; ++i) REQUIRE(issuer.issue({"acme", "ci", "a b", std::nullopt}));
    TempDir elsewhere;
    never = text_of(
        Issuer::open(elsewhere / "f.db", "org", master_key(9)).value().issue({"acme", "x", "", {}}).value());
  }
  const auto sound = bytes_of(at.path);
  std::mt19937 random(6);
  int opened = 0, refused = 0;
  for (int round = 0; round < 300; ++round) {
    auto bytes = sound;
    for (int i = 0; i < 20; ++i) bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    write_bytes(at.path, bytes);
    auto issuer = at.open();
    (issuer ? opened : refused) += 1;
    if (!issuer) continue;
    CHECK_FALSE(is_granted(at.ask(*issuer, never)));
    static_cast<void>(issuer->list("acme"));
  }
  CHECK(opened > 20);
  CHECK(refused > 20);
}
