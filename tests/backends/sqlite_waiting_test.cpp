// Locks and threads: how long a call waits, and for whom.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "backends/sqlite_place.hpp"
#include "support/blobs.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

using Steady = std::chrono::steady_clock;

}  // namespace

TEST_CASE("reads go on while a commit waits for another process, and each commit waits its own time-out") {
  SqlitePlace place;
  const auto first = *commit_to(*place.open(), Revision::absent, "one", {blob_of(1, "a")});
  const auto store = *open_sqlite_store(place.path(), {.lock_timeout = 600ms});
  REQUIRE(store->root().has_value());
  Stranger stranger(place.path());
  stranger.run("BEGIN IMMEDIATE");
  const auto start = Steady::now();
  const auto late = [&] {
    auto done = commit_to(*store, first, "two");
    return !done && done.error().code() == Errc::unavailable && Steady::now() - start < 1100ms;
  };
  std::array<bool, 2> told{};
  std::thread one([&] { told[0] = late(); });
  std::thread two([&] { told[1] = late(); });
  std::this_thread::sleep_for(100ms);
  CHECK(store->get(id_of(1)).has_value());
  CHECK(Steady::now() - start < 400ms);
  one.join();
  two.join();
  CHECK(told[0]);
  CHECK(told[1]);
  stranger.run("COMMIT");
  CHECK(commit_to(*store, first, "two").has_value());
}

TEST_CASE("a store that a forked child destroys leaves the parent's commit alone") {
  SqlitePlace place;
  auto store = place.open();
  const auto first = *commit_to(*store, Revision::absent, "one");
  std::atomic<bool> done = false;
  std::atomic<int> failed = 0;
  std::thread writer([&] {
    auto at = first;
    for (std::uint32_t i = 0; !done; ++i) {
      const auto next =
          commit_to(*store, at, std::string(200'000, 'r'), {blob_of(i, std::string(100'000, 'b'))});
      if (next) at = *next;
      if (!next) ++failed;
    }
  });
  for (int i = 0; i < 60; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::alarm(5);
      store.reset();
      ::_exit(0);
    }
    int status = -1;
    ::waitpid(pid, &status, 0);
    CHECK(status == 0);
  }
  done = true;
  writer.join();
  CHECK(failed == 0);
  CHECK(code_in(store->check()) == Errc{});
  CHECK(store->root().has_value());
}
