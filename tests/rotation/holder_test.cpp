// Whether somebody who asked a provider may still be at it.
#include "rotation/holder.hpp"

#include <doctest/doctest.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "rotation/span.hpp"
#include "support/fake_clock.hpp"

using namespace tokenvault;
using namespace tokenvault::rotation;
using namespace std::chrono_literals;
using test::FakeClock;

namespace {

constexpr format::Id16 kMe{std::byte{1}}, kOther{std::byte{2}};

/// This process until it is told to end, in a child.
class Child {
 public:
  Child() {
    REQUIRE(pipe(ends_) == 0);
    REQUIRE(pipe(answer_) == 0);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      const auto started = this_process(kOther).started;
      (void)!write(answer_[1], &started, sizeof started);
      close(ends_[1]);
      char byte;
      while (read(ends_[0], &byte, 1) > 0) {
      }
      _exit(0);
    }
    close(ends_[0]);
    REQUIRE(read(answer_[0], &started_, sizeof started_) == sizeof started_);
    close(answer_[0]);
    close(answer_[1]);
  }
  ~Child() {
    if (pid_ > 0) collect();
  }
  /// It has ended, and nobody has asked how: a zombie.
  void end() {
    close(ends_[1]);
    siginfo_t about;
    REQUIRE(waitid(P_PID, static_cast<id_t>(pid_), &about, WEXITED | WNOWAIT) == 0);
    ended_ = true;
  }
  void collect() {
    if (!ended_) close(ends_[1]);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  [[nodiscard]] format::Holder holder() const {
    auto holder = this_process(kOther);
    holder.pid = static_cast<std::uint32_t>(pid_);
    holder.started = started_;
    return holder;
  }

 private:
  int ends_[2], answer_[2];
  std::uint64_t started_ = 0;
  pid_t pid_;
  bool ended_ = false;
};

}  // namespace

TEST_CASE("nobody, oneself, and one whose time is over are not at it") {
  FakeClock clock;
  const auto span = begin_span(clock, 1min);
  CHECK_FALSE(may_live({}, kMe, span, clock));
  CHECK_FALSE(may_live(this_process(kMe), kMe, span, clock));
  CHECK(may_live(this_process(kOther), kMe, span, clock));  // another thread of this process
  clock.advance(1min);
  CHECK_FALSE(may_live(this_process(kOther), kMe, span, clock));
}

TEST_CASE("a process that ended is known for dead before its time is over") {
  FakeClock clock;
  const auto span = begin_span(clock, 1h);
  Child child;
  const auto holder = child.holder();
  REQUIRE(holder.started != 0);
  CHECK(may_live(holder, kMe, span, clock));
  auto former = holder;
  --former.started;  // the pid was given to another process
  CHECK_FALSE(may_live(former, kMe, span, clock));
  child.end();
  CHECK_FALSE(may_live(holder, kMe, span, clock));
  child.collect();
  CHECK_FALSE(may_live(holder, kMe, span, clock));
}

/// As a service's user on a machine that shows nobody the processes of others. Nothing where that cannot be arranged.
std::optional<bool> lives_where_hidden(const format::Holder& holder, const format::Span& span,
                                       const Clock& clock) {
  constexpr int kCannot = 2;
  constexpr id_t kSomebody = 65534;
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("proc", "/proc", "proc", 0, "hidepid=2") != 0)
      _exit(kCannot);
    // Nothing is hidden from the group of root.
    if (setgroups(0, nullptr) != 0 || setgid(kSomebody) != 0 || setuid(kSomebody) != 0) _exit(kCannot);
    if (access(("/proc/" + std::to_string(getppid())).c_str(), F_OK) == 0) _exit(kCannot);
    _exit(may_live(holder, kMe, span, clock) ? 1 : 0);
  }
  int status = -1;
  waitpid(pid, &status, 0);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kCannot) return std::nullopt;
  return WEXITSTATUS(status) == 1;
}

TEST_CASE("a process that the system hides may be at it, as long as it is there") {
  FakeClock clock;
  const auto span = begin_span(clock, 1h);
  Child child;
  const auto holder = child.holder();
  const auto alive = lives_where_hidden(holder, span, clock);
  if (!alive) {
    MESSAGE("skipped: no processes can be hidden here");
    return;
  }
  CHECK(*alive);
  child.collect();
  CHECK(lives_where_hidden(holder, span, clock) == false);
}

TEST_CASE("one on another machine, in another container or before a start is given its time") {
  FakeClock clock;
  auto span = begin_span(clock, 1h);
  auto holder = this_process(kOther);
  holder.started += 1'000'000;  // here it would be known for dead
  REQUIRE_FALSE(may_live(holder, kMe, span, clock));
  auto elsewhere = holder;
  ++elsewhere.pid_space;
  CHECK(may_live(elsewhere, kMe, span, clock));
  auto unseen = holder;
  unseen.started = 0;
  CHECK(may_live(unseen, kMe, span, clock));
  auto unknown = holder;
  unknown.pid_space = 0;
  CHECK(may_live(unknown, kMe, span, clock));
  clock.reboot();
  CHECK(may_live(holder, kMe, span, clock));
  clock.advance(1h);
  CHECK_FALSE(may_live(holder, kMe, span, clock));
}

TEST_CASE("a clock that is set neither ends nor prolongs somebody's time") {
  for (const auto step : {std::chrono::seconds(24h * 3653), std::chrono::seconds(-24h * 3653)}) {
    FakeClock clock;
    const auto span = begin_span(clock, 1h);
    clock.step(step);
    CHECK(may_live(this_process(kOther), kMe, span, clock));
    clock.advance(1h);
    CHECK_FALSE(may_live(this_process(kOther), kMe, span, clock));
  }
}
