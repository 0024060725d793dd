// What becomes of a store whose files are taken away, replaced or linked under it.
#include <filesystem>
#include <fstream>
#include <thread>

#include "backends/sqlite_place.hpp"
#include "support/blobs.hpp"
#include "support/child.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
namespace fs = std::filesystem;

namespace {

std::string root_text_at(const std::string& path) {
  auto store = open_sqlite_store(path);
  if (!store) return std::string(to_string(store.error().code()));
  auto root = (*store)->root();
  return root ? text_of_root(root->bytes) : std::string(to_string(root.error().code()));
}

void write_mark(const std::string& path) { std::ofstream(path) << "."; }

void await(const std::string& path) {
  for (int i = 0; i < 2000 && !fs::exists(path); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  REQUIRE(fs::exists(path));
}

/// Another file of the same content takes the database's place; the files beside it stay.
void replace(const SqlitePlace& place) {
  fs::copy_file(place.path(), place.path() + ".copy");
  REQUIRE(::chmod((place.path() + ".copy").c_str(), 0600) == 0);
  fs::rename(place.path() + ".copy", place.path());
}

}  // namespace

TEST_CASE("a commit to a file that was moved or replaced is an error, not a loss") {
  SqlitePlace place;
  const auto store = place.open();
  const auto first = *commit_to(*store, Revision::absent, "one");
  fs::rename(place.path(), place.path() + ".old");
  CHECK(code_in(commit_to(*store, first, "two")) == Errc::io);
  CHECK(code_in(store->compact()) == Errc::io);
  fs::copy_file(place.path() + ".old", place.path());
  CHECK(code_in(commit_to(*store, first, "two")) == Errc::io);
  CHECK(code_in(store->compact()) == Errc::io);
}

TEST_CASE("child: opens and closes when told to" * doctest::skip()) {
  auto store = *open_sqlite_store(setting("TV_TEST_PATH"));
  CHECK(store->root().has_value());
  write_mark(setting("TV_TEST_PATH") + ".opened");
  await(setting("TV_TEST_PATH") + ".close");
}

TEST_CASE("a store whose database was replaced leaves the log to those who use it now") {
  SqlitePlace place;
  const auto first = *commit_to(*place.open(), Revision::absent, "one");
  Child left_behind("child: opens and closes when told to", {"TV_TEST_PATH=" + place.path()});
  await(place.path() + ".opened");
  replace(place);
  auto current = place.open();
  REQUIRE(commit_to(*current, first, "two").has_value());
  write_mark(place.path() + ".close");
  CHECK(left_behind.join() == 0);
  CHECK(root_text_at(place.path()) == "two");
  current.reset();
  CHECK(root_text_at(place.path()) == "two");
}

TEST_CASE("a commit to a log or index that was taken away is an error, not a loss") {
  for (const char* suffix : {"-wal", "-shm"}) {
    CAPTURE(suffix);
    SqlitePlace place;
    const auto store = place.open();
    const auto first = *commit_to(*store, Revision::absent, "one");
    fs::remove(place.path() + suffix);
    auto late = commit_to(*store, first, "two");
    REQUIRE(!late.has_value());
    CHECK(code_in(late) == Errc::io);
  }
}

TEST_CASE("a database with two names is refused: each would have its own log") {
  SqlitePlace place;
  commit_to(*place.open(), Revision::absent, "one").value();
  fs::create_hard_link(place.path(), place.folder() + "/other.db");
  CHECK(root_text_at(place.path()) == "refused");
  CHECK(root_text_at(place.folder() + "/other.db") == "refused");
  fs::remove(place.folder() + "/other.db");
  CHECK(root_text_at(place.path()) == "one");
}
