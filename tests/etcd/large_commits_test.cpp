// Changes of more than etcd takes at once: one step for whoever looks, and nothing left lying about.
#include <signal.h>
#include <sys/wait.h>

#include <thread>

#include "support/contract_place.hpp"
#include "support/etcd_control.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

struct Cluster {
  EtcdPlace place;
  EtcdControl control;

  std::map<std::string, std::string> below(std::string_view folder) {
    return control.below("/" + place.prefix() + "/" + std::string(folder));
  }
  /// As many keys as that, and no trace of how they came.
  void check_only(std::size_t blobs) {
    CHECK(below("blob/").size() == blobs);
    CHECK(below("upload/").empty());
    CHECK(below("erase/").empty());
  }
};

std::vector<Blob> blobs(std::uint32_t first, std::uint32_t count, std::size_t size = 1) {
  std::vector<Blob> made;
  for (std::uint32_t i = first; i < first + count; ++i) made.push_back(blob_of(i, std::string(size, 'x')));
  return made;
}

std::vector<BlobId> ids_of(const std::vector<Blob>& blobs) {
  std::vector<BlobId> ids;
  for (const auto& blob : blobs) ids.push_back(blob.id);
  return ids;
}

Revision must(const Result<Revision>& done) {
  REQUIRE_MESSAGE(done, (done ? "" : done.error().message()));
  return *done;
}

}  // namespace

TEST_CASE("as many blobs as fit, one more, and far more") {
  Cluster at;
  auto store = at.place.open();
  auto revision = Revision::absent;
  std::uint32_t all = 0;
  for (const std::uint32_t count : {124U, 125U, 126U, 127U, 128U, 129U, 254U, 255U, 3000U}) {
    CAPTURE(count);
    const auto put = blobs(all, count);
    revision = must(commit_to(*store, revision, std::to_string(count), put));
    all += count;
    at.check_only(all);
    CHECK(store->get(put.back().id));
  }
  CHECK(list_all(*store).size() == all);
}

TEST_CASE("more bytes than etcd takes in one request, in a few blobs and in many") {
  Cluster at;
  auto store = at.place.open();
  const auto root = std::string(kMaxRootSize - kRootShell, 'r');
  auto revision = must(commit_to(*store, Revision::absent, root, blobs(0, 6, kMaxBlobSize)));
  revision = must(commit_to(*store, revision, root, blobs(6, 8, kMaxBlobSize)));
  revision = must(commit_to(*store, revision, root, blobs(14, 100, 60'000)));
  at.check_only(114);
  for (std::uint32_t i = 0; i < 14; ++i) CHECK(store->get(id_of(i))->size() == kMaxBlobSize);
}

TEST_CASE("thousands are erased, those that the same change puts and those that are not there among them") {
  Cluster at;
  auto store = at.place.open();
  const auto first = blobs(0, 5000);
  auto revision = must(commit_to(*store, Revision::absent, "one", first));
  auto gone = ids_of(first);
  gone.push_back(id_of(77'777));
  const auto second = blobs(10'000, 300);
  gone.push_back(second.front().id);
  revision = must(commit_to(*store, revision, "two", second, gone));
  at.check_only(299);
  check_error(store->get(id_of(0)), Errc::not_found);
  // What was erased is put again, and stays.
  must(commit_to(*store, revision, "three", blobs(0, 200)));
  CHECK(store->compact());
  at.check_only(499);
}

TEST_CASE("of two large changes at once one is done and the other leaves nothing") {
  for (int round = 0; round < 8; ++round) {
    CAPTURE(round);
    Cluster at;
    const auto revision = must(commit_to(*at.place.open(), Revision::absent, "zero"));
    std::array<Result<Revision>, 2> done{Revision::absent, Revision::absent};
    std::vector<std::thread> writers;
    for (std::uint32_t i = 0; i < 2; ++i)
      writers.emplace_back([&, i] {
        const auto store = at.place.open_with(EtcdPlace::options());
        done[i] = commit_to(*store, revision, std::to_string(i), blobs(i * 1000, 400 + i));
      });
    for (auto& writer : writers) writer.join();
    REQUIRE(done[0].has_value() + done[1].has_value() == 1);
    const std::uint32_t winner = done[0] ? 0 : 1;
    check_error(done[1 - winner], Errc::conflict);
    auto store = at.place.open();
    CHECK(Place::root_text_of(*store) == std::to_string(winner));
    CHECK(list_all(*store) == ids_of(blobs(winner * 1000, 400 + winner)));
    CHECK(store->compact());
    at.check_only(400 + winner);
  }
}

TEST_CASE("the same large change twice at once is done once, and whole") {
  for (int round = 0; round < 8; ++round) {
    CAPTURE(round);
    Cluster at;
    const auto put = blobs(0, 500);
    std::array<Result<Revision>, 2> done{Revision::absent, Revision::absent};
    std::vector<std::thread> writers;
    for (auto& mine : done)
      writers.emplace_back([&] {
        const auto store = at.place.open_with(EtcdPlace::options());
        mine = commit_to(*store, Revision::absent, "same", put);
      });
    for (auto& writer : writers) writer.join();
    // Each may have taken the other for one that was abandoned; then nothing is done, and said so.
    const int won = done[0].has_value() + done[1].has_value();
    CHECK(won <= 1);
    for (const auto& mine : done)
      if (!mine) CHECK((mine.error().code() == Errc::conflict || mine.error().code() == Errc::unavailable));
    auto store = at.place.open();
    CHECK(store->compact());
    at.check_only(won == 1 ? 500 : 0);
    CHECK(Place::root_text_of(*store) == (won == 1 ? "same" : "no_vault"));
  }
}

TEST_CASE("a small change beats a large one that is under way, which leaves nothing") {
  Cluster at;
  auto small = at.place.open();
  auto revision = must(commit_to(*small, Revision::absent, "zero"));
  Result<Revision> large = Revision::absent;
  std::thread writer([&, revision] {
    large = commit_to(*at.place.open_with(EtcdPlace::options()), revision, "large", blobs(0, 20'000));
  });
  while (at.below("upload/").empty()) std::this_thread::yield();
  const auto done = commit_to(*small, revision, "small", {blob_of(99'999, "s")});
  writer.join();
  must(done);
  check_error(large, Errc::conflict);
  CHECK(Place::root_text_of(*small) == "small");
  at.check_only(1);
}

TEST_CASE("what a killed process had uploaded is cleared away once its marker has run out") {
  Cluster at;
  auto store = at.place.open();
  const auto revision = must(commit_to(*store, Revision::absent, "zero", {blob_of(99'999, "kept")}));
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto own = at.place.open_with(EtcdPlace::options());
    const auto done = commit_to(*own, revision, "never", blobs(0, 60'000));
    ::_exit(done ? 0 : 1);
  }
  while (at.below("upload/").size() < 3) std::this_thread::yield();
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(store->compact());
  CHECK(at.below("blob/").size() > 100);  // it may be alive, for all that anybody knows
  for (const auto& [key, value] : at.below("upload/"))
    if (std::ranges::count(key, '/') == 3) at.control.erase(key);
  CHECK(store->compact());
  at.check_only(1);
  CHECK(Place::get_text_of(*store, 99'999) == "kept");
}
