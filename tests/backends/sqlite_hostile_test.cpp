// Files made by somebody who can write them: every answer is an error, bounded in time and memory.
#include <filesystem>
#include <fstream>

#include "backends/sqlite_place.hpp"
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
