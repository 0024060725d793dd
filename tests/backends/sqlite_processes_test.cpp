#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "backends/sqlite_place.hpp"
#include "core/file.hpp"
#include "support/blobs.hpp"
#include "support/child.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

constexpr std::uint32_t kCommits = 25;

std::vector<std::string> settings(const SqlitePlace& place, std::uint32_t child) {
  return {"TV_TEST_PATH=" + place.path(), "TV_TEST_CHILD=" + std::to_string(child)};
}

/// Commits blob `number`, again from the new root after each conflict.
Result<Revision> commit_after_conflicts(Store& store, std::uint32_t number) {
  for (;;) {
    const auto at = store.revision();
    if (!at) return at;
    auto done =
        commit_to(store, *at, "root of " + std::to_string(number), {blob_of(number, std::to_string(number))});
    if (done || done.error().code() != Errc::conflict) return done;
  }
}

}  // namespace

TEST_CASE("child: creates and commits" * doctest::skip()) {
  auto store = open_sqlite_store(setting("TV_TEST_PATH"), {.create = true});
  REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().message()));
  const auto child = static_cast<std::uint32_t>(std::stoul(setting("TV_TEST_CHILD")));
  for (std::uint32_t i = 0; i < kCommits; ++i) {
    const auto done = commit_after_conflicts(**store, child * 1000 + i);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message()));
    CHECK((*store)->get(id_of(child * 1000 + i)).has_value());
  }
}

TEST_CASE("child: commits once" * doctest::skip()) {
  const auto store = *open_sqlite_store(setting("TV_TEST_PATH"));
  CHECK(commit_after_conflicts(*store, 7).has_value());
}

TEST_CASE("child: is killed after a commit" * doctest::skip()) {
  const auto store = *open_sqlite_store(setting("TV_TEST_PATH"));
  CHECK(commit_after_conflicts(*store, 8).has_value());
  ::kill(::getpid(), SIGKILL);
}

TEST_CASE("processes that create at once make one vault and lose no commit") {
  for (int round = 0; round < 5; ++round) {
    const SqlitePlace place;
    std::vector<Child> children;
    for (std::uint32_t i = 0; i < 3; ++i)
      children.emplace_back("child: creates and commits", settings(place, i));
    for (auto& child : children) CHECK(child.join() == 0);
    const auto store = *open_sqlite_store(place.path());
    CHECK(store->list(std::nullopt, 1000)->size() == 3 * kCommits);
    CHECK(store->check().has_value());
    const auto files = std::filesystem::directory_iterator(place.folder());
    CHECK(std::distance(begin(files), end(files)) == 3);
  }
}

TEST_CASE("a commit of another process is seen at once") {
  const SqlitePlace place;
  const auto store = *open_sqlite_store(place.path(), {.create = true});
  auto at = *commit_to(*store, Revision::absent, "one");
  for (int i = 0; i < 5; ++i) {
    CHECK(*store->revision() == at);
    CHECK(Child("child: commits once", settings(place, 0)).join() == 0);
    const auto now = *store->revision();
    CHECK(now != at);
    CHECK(store->root()->revision == now);
    CHECK(text_of_root(store->root()->bytes) == "root of 7");
    at = now;
  }
}

TEST_CASE("child: scribbles over the log's index" * doctest::skip()) {
  const File index(::open((setting("TV_TEST_PATH") + "-shm").c_str(), O_RDWR | O_CLOEXEC));
  const auto at = static_cast<off_t>(std::stoul(setting("TV_TEST_CHILD")));
  CHECK(::pwrite(index.get(), "scribble", 8, at) == 8);
}

TEST_CASE("an index that a dying writer left half written is not believed") {
  SqlitePlace place;
  const auto store = place.open();
  auto at = *commit_to(*store, Revision::absent, "one");
  for (std::uint32_t offset = 0; offset < 96; offset += 8) {
    CAPTURE(offset);
    CHECK(*store->revision() == at);
    CHECK(Child("child: scribbles over the log's index", settings(place, offset)).join() == 0);
    CHECK(*store->revision() == at);
    CHECK(store->root()->revision == at);
    CHECK(Child("child: commits once", settings(place, 0)).join() == 0);
    CHECK(*store->revision() != at);
    at = *store->revision();
    CHECK(store->root()->revision == at);
  }
}

TEST_CASE("child: follows without the right to write" * doctest::skip()) {
  const AsNobody nobody;
  const auto store = *open_sqlite_store(setting("TV_TEST_PATH"));
  CHECK(!store->capabilities().writable);
  for (auto known = Revision::absent;;) {
    const auto now = store->revision();
    REQUIRE_MESSAGE(now.has_value(), (now ? "" : now.error().message()));
    if (*now == known) continue;
    known = *now;
    if (text_of_root(store->root()->bytes) == "the last") return;
  }
}

TEST_CASE("a reader that cannot map the index follows all the same") {
  SqlitePlace place;
  const auto store = place.open();
  auto at = *commit_to(*store, Revision::absent, "one");
  REQUIRE(::chmod(place.folder().c_str(), 0755) == 0);
  for (const char* suffix : {"", "-wal", "-shm"})
    REQUIRE(::chmod((place.path() + suffix).c_str(), 0644) == 0);
  if (::geteuid() != 0) return;
  Child reader("child: follows without the right to write", settings(place, 0));
  for (int i = 0; i < 50; ++i) {
    at = *commit_to(*store, at, i < 49 ? std::to_string(i) : "the last");
    if (i % 20 == 0) CHECK(store->compact().has_value());
  }
  CHECK(reader.join() == 0);
}

TEST_CASE("a commit acknowledged before a kill is there for the next process") {
  const SqlitePlace place;
  REQUIRE(
      commit_to(**open_sqlite_store(place.path(), {.create = true}), Revision::absent, "one").has_value());
  CHECK(WIFSIGNALED(Child("child: is killed after a commit", settings(place, 0)).join()));
  CHECK(std::filesystem::file_size(place.path() + "-wal") > 0);
  auto store = *open_sqlite_store(place.path());
  CHECK(text_of_root(store->root()->bytes) == "root of 8");
  CHECK(store->get(id_of(8)).has_value());
  store.reset();
  CHECK(std::filesystem::file_size(place.path() + "-wal") == 0);
}
