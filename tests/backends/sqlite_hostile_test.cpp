// Files made by somebody who can write them: every answer is an error, bounded in time and memory.
#include <filesystem>
#include <fstream>

#include "backends/sqlite_place.hpp"
#include "sqlite/database.hpp"
#include "support/blobs.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
namespace fs = std::filesystem;

namespace {

/// What opening and reading answers once `sql` was run on a vault with one blob.
Errc after(const char* sql) {
  SqlitePlace place;
  commit_to(*place.open(), Revision::absent, "one", {blob_of(1, "a")}).value();
  Stranger(place.path()).run(sql);
  auto store = open_sqlite_store(place.path());
  if (!store) return store.error().code();
  auto root = (*store)->root();
  if (!root) return root.error().code();
  return code_in((*store)->get(id_of(1)));
}

int calls_of_hosts_own = 0;

/// As programs do that load extensions into every connection: a function that is not marked as harmless.
int give_function(sqlite3* database, char**, const void*) {
  const auto run = [](sqlite3_context* context, int, sqlite3_value** values) {
    ++calls_of_hosts_own;
    sqlite3_result_value(context, values[0]);
  };
  return sqlite3_create_function(database, "hosts_own", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, run,
                                 nullptr, nullptr);
}

}  // namespace

TEST_CASE("a schema that is not ours to the letter is tampered before anything of it runs") {
  CHECK(after("ANALYZE") == Errc{});
  for (const char* sql : {
           "CREATE TRIGGER t AFTER UPDATE ON root BEGIN DELETE FROM blobs; END",
           "CREATE VIEW v AS SELECT 1",
           "CREATE TABLE more (a)",
           "CREATE INDEX i ON blobs (length(bytes))",
           "ALTER TABLE root ADD COLUMN more GENERATED ALWAYS AS (hex(bytes))",
           "ALTER TABLE root RENAME TO r; CREATE VIEW root AS SELECT * FROM r",
           "ALTER TABLE root RENAME TO r; CREATE VIRTUAL TABLE root USING fts5(id, revision, bytes)",
           "DROP TABLE blobs; CREATE TABLE blobs (id, bytes)",
           "DROP TABLE blobs",
       }) {
    CAPTURE(sql);
    CHECK(after(sql) == Errc::tampered);
  }
}

TEST_CASE("no function of the program that loads us runs for what was planted in an open database") {
  SqlitePlace place;
  const auto extension = reinterpret_cast<void (*)()>(&give_function);
  REQUIRE(sqlite3_auto_extension(extension) == SQLITE_OK);
  const auto store = place.open();
  const auto first = commit_to(*store, Revision::absent, "one", {blob_of(1, "a")});
  {
    Stranger stranger(place.path());
    stranger.run("CREATE INDEX i ON blobs (hosts_own(bytes))");
  }
  sqlite3_cancel_auto_extension(extension);
  CHECK(calls_of_hosts_own == 1);
  CHECK(code_in(commit_to(*store, *first, "two", {blob_of(2, "b")})) == Errc::tampered);
  CHECK(calls_of_hosts_own == 1);
}

TEST_CASE("our connection changes no schema by hand, whatever it is told") {
  SqlitePlace place;
  commit_to(*place.open(), Revision::absent, "one", {blob_of(1, "a")}).value();
  const char* const by_hand =
      "PRAGMA writable_schema = ON;"
      "UPDATE sqlite_schema SET sql = 'CREATE TABLE blobs (id, bytes)' WHERE name = 'blobs'";
  {
    const auto database = *sqlite::Database::open(place.path(), {});
    CHECK(sqlite3_exec(database->get(), by_hand, nullptr, nullptr, nullptr) == SQLITE_ERROR);
  }
  CHECK(open_sqlite_store(place.path()).has_value());
  Stranger(place.path()).run(by_hand);  // anybody else does
  CHECK(code_in(open_sqlite_store(place.path())) == Errc::tampered);
}

TEST_CASE("values far beyond the limits are refused without being loaded") {
  SqlitePlace place;
  commit_to(*place.open(), Revision::absent, "one", {blob_of(1, "a")}).value();
  Stranger(place.path())
      .run("UPDATE blobs SET bytes = zeroblob(200000000); UPDATE root SET bytes = zeroblob(200000000)");
  const auto store = *open_sqlite_store(place.path());
  sqlite3_memory_highwater(1);
  const auto before = sqlite3_memory_used();
  CHECK(code_in(store->get(id_of(1))) == Errc::tampered);
  CHECK(code_in(store->root()) == Errc::tampered);
  CHECK(code_in(store->revision()) == Errc{});
  CHECK(sqlite3_memory_highwater(0) - before < 4'000'000);
}

TEST_CASE("a huge id is no answer") {
  SqlitePlace place;
  commit_to(*place.open(), Revision::absent, "one", {blob_of(1, "a")}).value();
  Stranger(place.path()).run("UPDATE blobs SET id = zeroblob(20000000)");
  const auto store = *open_sqlite_store(place.path());
  CHECK(code_in(store->get(id_of(1))) == Errc::not_found);
  CHECK(code_in(store->list(std::nullopt, 10)) == Errc::tampered);
}

TEST_CASE("a path is bytes: whatever its characters, it names one file") {
  const TempDir folder;
  for (const std::string name :
       {"a?mode=memory", "a%41", "a#b", "a b", "a\xff\xfe", "-a", "file:a", "'a\"", "a;b"}) {
    CAPTURE(name);
    auto store = open_sqlite_store(folder / name, {.create = true});
    REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().message()));
    REQUIRE(commit_to(**store, Revision::absent, "one").has_value());
    CHECK(fs::exists(folder / name));
    CHECK(fs::exists(folder / (name + "-wal")));
  }
}

TEST_CASE("a name that cannot be one makes nothing") {
  const TempDir folder;
  const auto code = [&](const std::string& path) {
    return code_in(open_sqlite_store(path, {.create = true}));
  };
  CHECK(code(folder / "sub/") == Errc::invalid_argument);
  CHECK(code(folder / "sub/..") == Errc::invalid_argument);
  CHECK(code(folder / std::string("sub\0/x", 6)) == Errc::invalid_argument);
  CHECK(code(folder / "two\nlines") == Errc::invalid_argument);
  CHECK(code(folder / std::string(250, 'n')) == Errc::invalid_argument);
  std::string deep = folder.path();
  for (int i = 0; i < 6; ++i) deep += "/" + std::string(100, 'd');
  CHECK(code(deep + "/v.db") == Errc::invalid_argument);
  CHECK(fs::is_empty(folder.path()));
}
