#include <atomic>
#include <filesystem>
#include <thread>

#include "backends/sqlite_place.hpp"
#include "support/blobs.hpp"
#include "support/system_calls.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

TV_STORE_CONTRACT(SqlitePlace)

std::string root_of(Store& store) {
  auto root = store.root();
  return root ? text_of_root(root->bytes) : std::string(to_string(root.error().code()));
}

}  // namespace

TEST_CASE("a lock that does not yield in time is unavailable, and nothing is changed") {
  SqlitePlace place;
  const auto first = *commit_to(*place.open(), Revision::absent, "one");
  auto store = *open_sqlite_store(place.path(), {.lock_timeout = 20ms});
  Stranger stranger(place.path());
  stranger.run("BEGIN IMMEDIATE");
  const auto late = commit_to(*store, first, "two");
  REQUIRE(!late.has_value());
  CHECK(late.error().code() == Errc::unavailable);
  CHECK(root_of(*store) == "one");
  stranger.run("COMMIT");
  CHECK(commit_to(*store, first, "two").has_value());
}

TEST_CASE("the revision is right across checkpoints and restarts of the log") {
  SqlitePlace place;
  const auto reader = place.open();
  const auto writer = place.open();
  Stranger stranger(place.path());
  auto at = Revision::absent;
  for (std::uint32_t i = 0; i < 60; ++i) {
    const auto next = commit_to(*writer, at, "root " + std::to_string(i), {blob_of(i, "x")});
    REQUIRE(next.has_value());
    at = *next;
    CHECK(*reader->revision() == at);
    if (i % 3 == 0) stranger.run("PRAGMA wal_checkpoint(PASSIVE)");
    if (i % 5 == 0) stranger.run("PRAGMA wal_checkpoint(RESTART)");
    if (i % 7 == 0) stranger.run("PRAGMA wal_checkpoint(TRUNCATE)");
    CHECK(*reader->revision() == at);
    CHECK(reader->root()->revision == at);
  }
}

TEST_CASE("the revision is right when the index of the log grows by regions") {
  SqlitePlace place;
  const auto reader = place.open();
  const auto writer = place.open();
  auto at = *commit_to(*writer, Revision::absent, "one");
  Stranger stranger(place.path());
  stranger.run("PRAGMA wal_autocheckpoint = 0");
  for (std::uint32_t i = 0; i < 3; ++i) {
    stranger.run(
        "INSERT INTO blobs SELECT randomblob(24), zeroblob(100000) FROM (VALUES (1)) JOIN "
        "(WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i FROM n)");
    CHECK(*reader->revision() == at);
    at = *commit_to(*writer, at, std::to_string(i));
    CHECK(*reader->revision() == at);
  }
  CHECK(std::filesystem::file_size(place.path() + "-shm") >= 2 * 32768);
}

TEST_CASE("a revision asked for after a commit was acknowledged is never older") {
  SqlitePlace place;
  const auto writer = place.open();
  const auto reader = place.open();
  std::atomic<Revision> acknowledged = Revision::absent;
  std::atomic<bool> done = false;
  std::atomic<int> older = 0;
  const auto poll = [&] {
    while (!done) {
      const auto floor = acknowledged.load();
      if (*reader->revision() < floor) ++older;
    }
  };
  std::thread first(poll);
  std::thread second(poll);
  std::thread third([&] {
    while (!done) {
      const ReadScope scope(*reader);
      const auto root = reader->root();
      if (root && root->revision > *reader->revision()) ++older;
    }
  });
  for (std::uint32_t i = 0; i < 400; ++i) {
    acknowledged = *commit_to(*writer, acknowledged, std::to_string(i));
    if (i % 50 == 0) CHECK(writer->compact().has_value());
  }
  done = true;
  first.join();
  second.join();
  third.join();
  CHECK(older == 0);
}

TEST_CASE("without a log index the revision is right as well") {
  SqlitePlace place;
  const auto first = *commit_to(*place.open(), Revision::absent, "one");
  Stranger(place.path()).run("PRAGMA journal_mode = DELETE");
  const auto reader = place.open();
  CHECK(*reader->revision() == first);
  const auto second = *commit_to(*place.open(), first, "two");
  CHECK(*reader->revision() == second);
  CHECK(root_of(*reader) == "two");
}

TEST_CASE("commits are durable and deletions thorough on the connection that writes") {
  SqlitePlace place;
  auto store = place.open();
  const std::string mark = "a mark to look for in the files";
  const auto first = *commit_to(*store, Revision::absent, "one", {blob_of(1, mark)});
  REQUIRE(commit_to(*store, first, "two", {}, {id_of(1)}).has_value());
  store.reset();
  for (const auto& file : std::filesystem::directory_iterator(place.folder())) {
    std::string bytes(std::filesystem::file_size(file), '\0');
    std::FILE* opened = std::fopen(file.path().c_str(), "rb");
    CHECK(std::fread(bytes.data(), 1, bytes.size(), opened) == bytes.size());
    std::fclose(opened);
    CHECK(bytes.find(mark) == std::string::npos);
  }
}

TEST_CASE("the database alone is the whole vault once the last writer has left") {
  SqlitePlace place;
  const auto first = *commit_to(*place.open(), Revision::absent, "one", {blob_of(1, "a")});
  const auto copy = place.folder() + "/copy.db";
  std::filesystem::copy_file(place.path(), copy);
  const auto store = *open_sqlite_store(copy);
  CHECK(*store->revision() == first);
  CHECK(root_of(*store) == "one");
  CHECK(store->get(id_of(1)).has_value());
}

TEST_CASE("writing within a read scope is a bug that is told") {
  SqlitePlace place;
  const auto store = place.open();
  const auto first = *commit_to(*store, Revision::absent, "one");
  {
    const ReadScope scope(*store);
    CHECK(commit_to(*store, first, "two").error().code() == Errc::internal);
    CHECK(store->compact().error().code() == Errc::internal);
  }
  CHECK(commit_to(*store, first, "two").has_value());
}

TEST_CASE("a database that cannot be written is read-only, in whatever mode its log is") {
  SqlitePlace place;
  const auto first = *commit_to(*place.open(), Revision::absent, "one");
  SUBCASE("with a log") {}
  SUBCASE("without one, which a writer would make") {
    Stranger(place.path()).run("PRAGMA journal_mode = DELETE");
  }
  const auto store = place.open_read_only();
  CHECK(root_of(*store) == "one");
  const auto check_told = [](const auto& refused) {
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code() == Errc::read_only);
    // SQLite refuses it too, and does not say what to look at.
    CHECK(refused.error().message().ends_with("the file or its folder is read-only for this user"));
  };
  check_told(commit_to(*store, first, "two"));
  check_told(store->compact());
}

TEST_CASE("a commit that the disk failed in is in doubt, and one that it had no room for is not") {
  SqlitePlace place;
  const auto store = place.open();
  const auto first = *commit_to(*store, Revision::absent, "one");
  for (const int error : {EIO, ENOSPC}) {
    CAPTURE(error);
    SystemCalls calls;
    calls.fail_from(1, error);
    CHECK(code_in(commit_to(*store, first, "two", {blob_of(1, "a")})) ==
          (error == EIO ? Errc::in_doubt : Errc::io));
    CHECK(calls.count() > 0);
    calls.heal();
    CHECK(root_of(*store) == "one");
  }
  CHECK(commit_to(*store, first, "two", {blob_of(1, "a")}).has_value());
}

TEST_CASE("a row the schema would not have let in is tampered") {
  SqlitePlace place;
  const auto store = place.open();
  REQUIRE(commit_to(*store, Revision::absent, "one", {blob_of(1, "a")}).has_value());
  const auto damage = [&](const char* sql) { Stranger(place.path()).run(sql); };
  const auto code = [](const auto& result) { return result ? Errc{} : result.error().code(); };
  SUBCASE("a root too large") { damage("UPDATE root SET bytes = zeroblob(262145)"); }
  SUBCASE("a root much too large") { damage("UPDATE root SET bytes = zeroblob(50000000)"); }
  SUBCASE("an empty root") { damage("UPDATE root SET bytes = x''"); }
  SUBCASE("a text for a root") { damage("UPDATE root SET bytes = 'text'"); }
  SUBCASE("a revision that is none") { damage("UPDATE root SET revision = 0"); }
  SUBCASE("a negative revision") { damage("UPDATE root SET revision = -1"); }
  SUBCASE("a text for a revision") { damage("UPDATE root SET revision = 'x'"); }
  SUBCASE("no table") { damage("DROP TABLE root"); }
  SUBCASE("a view for a table") {
    damage("ALTER TABLE root RENAME TO r; CREATE VIEW root AS SELECT * FROM r");
  }
  CHECK(code(store->root()) == Errc::tampered);
}

TEST_CASE("a blob the schema would not have let in is tampered") {
  SqlitePlace place;
  const auto store = place.open();
  REQUIRE(commit_to(*store, Revision::absent, "one", {blob_of(1, "a")}).has_value());
  const auto code = [](const auto& result) { return result ? Errc{} : result.error().code(); };
  SUBCASE("too large") { Stranger(place.path()).run("UPDATE blobs SET bytes = zeroblob(131073)"); }
  SUBCASE("much too large") { Stranger(place.path()).run("UPDATE blobs SET bytes = zeroblob(50000000)"); }
  SUBCASE("empty") { Stranger(place.path()).run("UPDATE blobs SET bytes = x''"); }
  SUBCASE("not bytes") { Stranger(place.path()).run("UPDATE blobs SET bytes = 7"); }
  CHECK(code(store->get(id_of(1))) == Errc::tampered);
  Stranger(place.path()).run("UPDATE blobs SET id = x'0102'");
  CHECK(code(store->list(std::nullopt, 10)) == Errc::tampered);
}

TEST_CASE("a trigger planted in the file does not run") {
  SqlitePlace place;
  const auto store = place.open();
  const auto first = *commit_to(*store, Revision::absent, "one", {blob_of(1, "a")});
  Stranger(place.path()).run("CREATE TRIGGER t AFTER UPDATE ON root BEGIN DELETE FROM blobs; END");
  REQUIRE(commit_to(*store, first, "two").has_value());
  CHECK(store->get(id_of(1)).has_value());
}

TEST_CASE("a revision is not met again when a backup was restored into the open database") {
  SqlitePlace place;
  const auto store = place.open();
  auto at = *commit_to(*store, Revision::absent, "one");
  Stranger stranger(place.path());
  stranger.run(("VACUUM INTO '" + place.folder() + "/backup.db'").c_str());
  const auto seen = *commit_to(*store, at, "two");
  stranger.run(("ATTACH '" + place.folder() +
                "/backup.db' AS backup;"
                "UPDATE root SET (revision, bytes) = (SELECT revision, bytes FROM backup.root)")
                   .c_str());
  REQUIRE(root_of(*store) == "one");
  REQUIRE(commit_to(*place.open(), at, "another two").has_value());
  CHECK(*store->revision() != seen);
  CHECK(code_in(commit_to(*store, seen, "three")) == Errc::conflict);
}

TEST_CASE("a revision after which there is none is tampered, not a commit that nobody can read") {
  SqlitePlace place;
  const auto store = place.open();
  REQUIRE(commit_to(*store, Revision::absent, "one").has_value());
  Stranger(place.path()).run("UPDATE root SET revision = 9223372036854775807");
  CHECK(code_in(store->revision()) == Errc::tampered);
  CHECK(code_in(store->root()) == Errc::tampered);
  CHECK(code_in(commit_to(*store, Revision{INT64_MAX}, "two")) == Errc::tampered);
}

TEST_CASE("a store that is not in WAL mode is read without making files or leaking them") {
  SqlitePlace place;
  const auto first = *commit_to(*place.open(), Revision::absent, "one");
  Stranger(place.path()).run("PRAGMA journal_mode = DELETE");
  const auto open_files = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  const auto before = open_files();
  for (int i = 0; i < 3; ++i) CHECK(*(*open_sqlite_store(place.path()))->revision() == first);
  CHECK(open_files() == before);
  CHECK(!std::filesystem::exists(place.path() + "-shm"));
}
