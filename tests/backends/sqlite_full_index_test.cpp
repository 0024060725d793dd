// A disk that has no room for the index of SQLite's log, said by a kernel that this file stands in for.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "backends/sqlite_place.hpp"
#include "support/blobs.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

constexpr int kPopulateWrite = 23;  // MADV_POPULATE_WRITE, which older headers have not
constexpr int kAlways = 1 << 20;
int regions_with_room = kAlways;

std::vector<Blob> many(std::uint32_t count) {
  std::vector<Blob> blobs;
  for (std::uint32_t i = 0; i < count; ++i) blobs.push_back(blob_of(i + 10, std::string(100'000, 'x')));
  return blobs;
}

/// A commit of `count` blobs whose index has no more than the first region, of 4,062 pages.
Result<Revision> commit_in_one_region(SqlitePlace& place, std::uint32_t count) {
  const auto store = place.open();
  const auto first = *commit_to(*store, Revision::absent, "one");
  regions_with_room = 0;
  auto done = commit_to(*store, first, "two", many(count));
  regions_with_room = kAlways;
  return done;
}

}  // namespace

extern "C" int madvise(void* at, std::size_t size, int advice) noexcept {
  if (advice == kPopulateWrite && regions_with_room-- <= 0) {
    errno = EFAULT;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_madvise, at, size, advice));
}

TEST_CASE("an index without room for its first region lets nothing be written, and nothing is changed") {
  regions_with_room = kAlways;
  SqlitePlace place;
  const auto first = *commit_to(*place.open(), Revision::absent, "one");
  regions_with_room = 0;
  auto store = open_sqlite_store(place.path());
  const auto late = store ? commit_to(**store, first, "two") : Result<Revision>(store.error());
  REQUIRE(!late);
  CHECK(late.error().code() == Errc::io);
  CHECK(late.error().message().ends_with("the disk is full; nothing was changed"));
  store = Error(Errc::io, "closed");
  regions_with_room = kAlways;
  CHECK(*place.open()->revision() == first);
  CHECK(commit_to(*place.open(), first, "two"));
}

/// A few pages more, and it fails before it commits: what does not fit into memory is in the log by then.
TEST_CASE("a commit that its index has no room for is in doubt, and there wholly or not at all") {
  regions_with_room = kAlways;
  for (std::uint32_t count = 158;; ++count) {
    REQUIRE(count < 170);
    SqlitePlace place;
    const auto late = commit_in_one_region(place, count);
    if (late) continue;
    CHECK_MESSAGE(late.error().code() == Errc::in_doubt, late.error().message());
    const auto store = place.open();
    const auto found = store->root();
    REQUIRE(found);
    const bool happened = text_of_root(found->bytes) == "two";
    CHECK((happened || text_of_root(found->bytes) == "one"));
    CHECK(store->list({}, 1000)->size() == (happened ? count : 0));
    CHECK(commit_to(*store, found->revision, "three"));
    return;
  }
}
