// Threads and processes authorize while tokens are issued, rotated and revoked: no dead token is let in, and no live
// one is kept out. Run under TSan in CI.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <thread>
#include <utility>

#include "concurrency/forked.hpp"
#include "issuer_place.hpp"
#include "support/proof.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

constexpr std::size_t kTokens = 30;
constexpr int kThreads = 32, kProcesses = 2;

enum State : int { live, ending, dead };

/// What all processes see of the tokens; a test's are no secrets.
struct Board {
  struct Slot {
    char token[80] = {};
    std::atomic<int> state = live;
  };
  Slot slots[kTokens];
  std::atomic<std::size_t> count = 0;
  std::atomic<bool> done = false;
  std::atomic<int> let_in = 0, kept_out = 0, asked = 0, ready = 0, opened = 0;

  void publish(const IssuedToken& issued) {
    auto& slot = slots[count];
    std::memcpy(slot.token, text_of(issued).data(), text_of(issued).size());
    ++count;
  }
};

/// In memory that children share.
Board& make_board() {
  void* memory = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  return *new (memory) Board();
}

void ask_about(Issuer& issuer, Board& board, std::size_t at) {
  auto& slot = board.slots[at];
  const int before = slot.state;
  const bool granted = std::holds_alternative<Grant>(ask(issuer, slot.token));
  const int after = slot.state;
  if (before == dead && granted) ++board.let_in;
  if (after == live && !granted) ++board.kept_out;
  ++board.asked;
}

void ask_on(Issuer& issuer, Board& board, std::size_t at) {
  ++board.ready;
  while (!board.done)
    if (const std::size_t count = board.count; count != 0) ask_about(issuer, board, at++ % count);
  for (std::size_t i = 0; i < board.count; ++i) ask_about(issuer, board, i);
}

/// A process of its own over the same database.
pid_t ask_in_child(const std::string& path, Board& board, const Clock& clock) {
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto issuer = Issuer::open(path, "org", master_key(), clock);
    if (!issuer) ::_exit(1);
    ask_on(*issuer, board, 0);
    ::_exit(0);
  }
  return child;
}

/// 0 where a child whose parent has threads in an issuer gets its own, or is told why not.
int open_in_child(const std::string& path, const Clock& clock, std::atomic<int>& opened) {
  auto issuer = Issuer::open(path, "org", master_key(), clock);
  if (!issuer) return issuer.error().code() == Errc::forked ? 0 : 1;
  ++opened;
  return issuer->list("acme") && issuer->issue({"acme", "child", "", std::nullopt}) ? 0 : 2;
}

/// Issues, rotates and revokes by turns.
void change(Issuer& issuer, Board& board) {
  std::vector<std::string> ids;
  while (board.count < kTokens) {
    const bool follow = board.count % 3 == 2;
    auto issued = follow ? issuer.rotate(ids.back(), {"r", std::chrono::hours(1), std::chrono::hours(1)})
                         : issuer.issue({"acme", "ci", "", std::nullopt});
    REQUIRE(issued);
    REQUIRE(std::holds_alternative<Grant>(ask(issuer, text_of(*issued))));
    ids.push_back(issued->grant.id);
    board.publish(*issued);
    if (ids.size() % 2 == 0) continue;
    auto& slot = board.slots[ids.size() / 2];
    slot.state = ending;
    REQUIRE(issuer.revoke(ids[ids.size() / 2]));
    slot.state = dead;
  }
}

/// What happens whenever SQLite waits for a lock, in place of its sleep.
class WhileWaiting {
 public:
  explicit WhileWaiting(std::function<void()> act) {
    happens = std::move(act);
    count = 0;
    vfs_->xSleep = [](sqlite3_vfs*, int span) {
      ++count;
      happens();
      return span;
    };
  }
  ~WhileWaiting() { vfs_->xSleep = sleep_; }
  WhileWaiting(const WhileWaiting&) = delete;
  WhileWaiting& operator=(const WhileWaiting&) = delete;
  [[nodiscard]] int waits() const { return count; }

 private:
  static inline std::function<void()> happens;
  static inline int count = 0;
  sqlite3_vfs* vfs_ = sqlite3_vfs_find(nullptr);
  decltype(sqlite3_vfs::xSleep) sleep_ = vfs_->xSleep;
};

}  // namespace

TEST_CASE("many ask while one changes") {
  TempDir folder;
  FakeClock clock;
  auto& board = make_board();
  const auto path = folder / "issued.db";
  REQUIRE(Issuer::open(path, "org", master_key(), clock));
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) children.push_back(ask_in_child(path, board, clock));
  auto issuer = Issuer::open(path, "org", master_key(), clock).value();
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) threads.emplace_back([&, i] { ask_on(issuer, board, i); });
    while (board.ready < kThreads + kProcesses) std::this_thread::yield();
    change(issuer, board);
    board.done = true;
  }
  for (const auto child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(board.let_in == 0);
  CHECK(board.kept_out == 0);
  CHECK(board.asked > kTokens * kThreads);
  ::munmap(&board, sizeof board);
}

TEST_CASE("a child that is forked beside calls gets its own, or is told that it cannot") {
  const int times = full_proof() ? 400 : 40;
  TempDir folder;
  FakeClock clock;
  auto& board = make_board();
  const auto path = folder / "issued.db";
  auto issuer = Issuer::open(path, "org", master_key(), clock).value();
  board.publish(issuer.issue({"acme", "ci", "", std::nullopt}).value());
  {
    std::vector<std::jthread> threads;
    threads.emplace_back([&] { ask_on(issuer, board, 0); });
    threads.emplace_back([&] {
      while (!board.done)
        if (!issuer.issue({"acme", "ci", "", std::nullopt}) || !issuer.list("acme")) ++board.kept_out;
    });
    for (int i = 0; i < times; ++i)
      CHECK(fault_in_child([&] { return open_in_child(path, clock, board.opened); }) == "");
    board.done = true;
  }
  CHECK(board.kept_out == 0);
  tried("forks beside threads in an issuer", static_cast<std::uint64_t>(times));
  tried("children of those that opened it anew", static_cast<std::uint64_t>(board.opened.load()));
  if (!full_proof()) left_out("forks beside threads in an issuer: 40 of 400");
  ::munmap(&board, sizeof board);
}

TEST_CASE("who is revoked while their first use waits for the lock is not let in") {
  TempDir folder;
  FakeClock clock;
  const auto path = folder / "issued.db";
  auto issuer = Issuer::open(path, "org", master_key(), clock).value();
  const auto fresh = issuer.issue({"acme", "fresh", "", std::nullopt}).value();
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
  const auto run = [&](const std::string& sql) {
    REQUIRE(sqlite3_exec(other, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  };
  run("BEGIN IMMEDIATE");
  WhileWaiting revoked([&, done = false]() mutable {
    if (std::exchange(done, true)) return;
    run("UPDATE issued SET revoked_at = created_at WHERE id = '" + fresh.grant.id + "'; COMMIT");
  });
  CHECK(word(ask(issuer, text_of(fresh))) == "revoked");
  CHECK(revoked.waits() > 0);
  sqlite3_close(other);
}

TEST_CASE("a forked child is told to open its own") {
  TempDir folder;
  auto issuer = Issuer::open(folder / "issued.db", "org", master_key()).value();
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto is_told = [](const auto& result) { return !result && result.error().code() == Errc::forked; };
    // Nothing of the last two would come to the database, which does not cross fork() either.
    if (!is_told(issuer.list("acme"))) ::_exit(1);
    if (!is_told(issuer.authorize({}, {}))) ::_exit(2);
    ::_exit(is_told(issuer.flush()) ? 0 : 3);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}
