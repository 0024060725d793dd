// One vault in a file, many processes and threads, some of which die.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "backends/file_place.hpp"
#include "core/file.hpp"
#include "support/child.hpp"

namespace tokenvault::test {
namespace {

constexpr std::uint32_t kCrowd = 8, kCommits = 25;
constexpr std::uint32_t kLast = 1'000'000;  // the blob that tells readers to stop

std::vector<std::string> settings(const FilePlace& place, std::uint32_t child) {
  return {"TV_TEST_PATH=" + place.path(), "TV_TEST_CHILD=" + std::to_string(child)};
}

std::unique_ptr<Store> open_setting(bool create = false) {
  auto store = open_file_store(setting("TV_TEST_PATH"), {.create = create});
  REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().message()));
  return *std::move(store);
}

/// Commits blob `number`, again from the new root after each conflict. The root names its blob.
Result<Revision> commit_after_conflicts(Store& store, std::uint32_t number) {
  for (;;) {
    const auto at = store.revision();
    if (!at) return at;
    auto done = commit_to(store, *at, std::to_string(number), {blob_of(number, std::to_string(number))});
    if (done || done.error().code() != Errc::conflict) return done;
  }
}

void commit_many(Store& store, std::uint32_t child) {
  for (std::uint32_t i = 0; i < kCommits; ++i) {
    const auto done = commit_after_conflicts(store, child * 1000 + i);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message()));
    CHECK(store.get(id_of(child * 1000 + i)).has_value());
  }
}

/// The number of the commit that all which was read comes from.
std::uint32_t read_whole(Store& store) {
  const ReadScope scope(store);
  const auto root = store.root();
  REQUIRE_MESSAGE(root.has_value(), (root ? "" : root.error().message()));
  const auto text = text_of_root(root->bytes);
  const auto number = static_cast<std::uint32_t>(std::stoul(text));
  const auto blob = store.get(id_of(number));
  REQUIRE_MESSAGE(blob.has_value(), "torn: no blob " << text);
  CHECK(as_text(*blob) == text);
  CHECK(*store.revision() == root->revision);
  return number;
}

void check_whole(const FilePlace& place, std::uint32_t writers) {
  const auto store = open_file_store(place.path());
  REQUIRE(store);
  for (std::uint32_t writer = 0; writer < writers; ++writer)
    for (std::uint32_t i = 0; i < kCommits; ++i) CHECK((*store)->get(id_of(writer * 1000 + i)));
  CHECK(place.names() == std::vector<std::string>{"vault.tv", "vault.tv.lock"});
}

File lock_outside(const std::string& path) {
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  struct flock whole {};
  whole.l_type = F_WRLCK;
  REQUIRE(::fcntl(file.get(), F_OFD_SETLK, &whole) == 0);
  return file;
}

/// How many descriptors of this process lead to `path`.
std::size_t descriptors_of(const std::string& path) {
  std::size_t count = 0;
  std::error_code gone;
  for (int fd = 0; fd < 256; ++fd)
    count += fs::read_symlink("/proc/self/fd/" + std::to_string(fd), gone) == path ? 1 : 0;
  return count;
}

TEST_CASE("child: writes" * doctest::skip()) {
  commit_many(*open_setting(true), static_cast<std::uint32_t>(std::stoul(setting("TV_TEST_CHILD"))));
}

TEST_CASE("child: reads until the last" * doctest::skip()) {
  const auto store = open_setting();
  while (read_whole(*store) != kLast) {
  }
}

TEST_CASE("child: dies with the lock" * doctest::skip()) {
  const auto lock = lock_outside(setting("TV_TEST_PATH") + ".lock");
  std::ofstream(setting("TV_TEST_PATH") + ".new-abcdef") << "half a va";
  ::kill(::getpid(), SIGKILL);
}

TEST_CASE("child: commits once and is killed" * doctest::skip()) {
  CHECK(commit_after_conflicts(*open_setting(), 8));
  ::kill(::getpid(), SIGKILL);
}

TEST_CASE("of eight writers beside eight readers no commit is lost and no read is torn") {
  const FilePlace place;
  REQUIRE(commit_to(**open_file_store(place.path(), {.create = true}), Revision::absent, "9999",
                    {blob_of(9999, "9999")}));
  std::vector<Child> readers, writers;
  for (std::uint32_t i = 0; i < kCrowd; ++i)
    readers.emplace_back("child: reads until the last", settings(place, i));
  for (std::uint32_t i = 0; i < kCrowd; ++i) writers.emplace_back("child: writes", settings(place, i));
  for (auto& writer : writers) CHECK(writer.join() == 0);
  CHECK(commit_after_conflicts(**open_file_store(place.path()), kLast));
  for (auto& reader : readers) CHECK(reader.join() == 0);
  check_whole(place, kCrowd);
}

TEST_CASE("first runs at once make one vault and lose no commit") {
  for (int round = 0; round < 3; ++round) {
    const FilePlace place;
    std::vector<Child> children;
    for (std::uint32_t i = 0; i < 2; ++i) children.emplace_back("child: writes", settings(place, i));
    for (auto& child : children) CHECK(child.join() == 0);
    check_whole(place, 2);
  }
}

TEST_CASE("of two first commits one is made, and the other is a conflict") {
  FilePlace place;
  const auto one = place.open(), other = place.open();
  CHECK(commit_to(*one, Revision::absent, "one"));
  CHECK(commit_to(*other, Revision::absent, "other").error().code() == Errc::conflict);
  CHECK(text_of_root(other->root()->bytes) == "one");
}

TEST_CASE("a holder of the lock that is killed leaves it free, and its draft is taken away") {
  FilePlace place;
  place.fill();
  CHECK(WIFSIGNALED(Child("child: dies with the lock", settings(place, 0)).join()));
  CHECK(place.names().size() == 3);
  auto store = open_file_store(place.path(), {.lock_timeout = std::chrono::milliseconds(0)});
  REQUIRE(store);
  CHECK(commit_after_conflicts(**store, 7));
  CHECK(place.names().size() == 2);
}

TEST_CASE("a commit acknowledged before a kill is there for the next process") {
  FilePlace place;
  place.fill();
  CHECK(WIFSIGNALED(Child("child: commits once and is killed", settings(place, 0)).join()));
  const auto store = open_file_store(place.path());
  REQUIRE(store);
  CHECK(read_whole(**store) == 8);
}

TEST_CASE("many openings in threads lose no commit, and give back what they open") {
  const FilePlace place;
  {
    std::vector<std::thread> threads;
    for (std::uint32_t i = 0; i < kCrowd; ++i)
      threads.emplace_back([&, i] {
        const auto store = open_file_store(place.path(), {.create = true});
        REQUIRE(store);
        commit_many(**store, i);
      });
    for (auto& thread : threads) thread.join();
  }
  check_whole(place, kCrowd);
  CHECK(descriptors_of(place.path()) == 0);
  CHECK(descriptors_of(place.path() + ".lock") == 0);
}

TEST_CASE("a commit that waits for the lock keeps no reader of the same store waiting") {
  FilePlace place;
  place.fill();
  const auto store = place.open();
  const auto at = *store->revision();
  std::optional<File> lock = lock_outside(place.path() + ".lock");
  std::atomic<bool> done{false};
  std::thread writer([&] {
    CHECK(commit_to(*store, at, "two"));
    done = true;
  });
  while (descriptors_of(place.path() + ".lock") < 2) std::this_thread::yield();
  for (int i = 0; i < 100; ++i) CHECK(text_of_root(store->root()->bytes) == "one");
  CHECK_FALSE(done);
  lock.reset();
  writer.join();
  CHECK(text_of_root(store->root()->bytes) == "two");
}

TEST_CASE("who waits for a lock file that is replaced takes the new one") {
  FilePlace place;
  place.fill();
  const auto store = place.open();
  const auto lock_path = place.path() + ".lock";
  std::optional<File> old = lock_outside(lock_path);
  std::thread writer([&] { CHECK(commit_to(*store, *store->revision(), "two")); });
  while (descriptors_of(lock_path) < 2) std::this_thread::yield();
  // Locked before it has the name, or the waiting writer might take it first.
  std::optional<File> fresh = lock_outside(lock_path + ".fresh");
  fs::rename(lock_path + ".fresh", lock_path);
  old.reset();
  for (int i = 0; i < 1000; ++i) CHECK(text_of_root(store->root()->bytes) == "one");
  fresh.reset();
  writer.join();
  CHECK(text_of_root(store->root()->bytes) == "two");
}

TEST_CASE("a child forked while a commit is under way does not keep its lock") {
  FilePlace place;
  place.fill();
  const auto store = place.open();
  auto at = *store->revision();
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) {
      const auto next = commit_to(*store, at, "again");
      REQUIRE(next);
      at = *next;
    }
  });
  std::vector<pid_t> children;
  while (children.size() < 64) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (;;) ::pause();
    }
    children.push_back(child);
  }
  stop = true;
  writer.join();
  auto other = open_file_store(place.path(), {.lock_timeout = std::chrono::milliseconds(0)});
  REQUIRE(other);
  CHECK(commit_to(**other, at, "free"));
  for (const pid_t child : children) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
}

}  // namespace
}  // namespace tokenvault::test
