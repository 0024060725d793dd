#include <doctest/doctest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tvp/asked.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD; }

/// Whether the process ends, waiting for it as long as it may reasonably take.
bool ends(pid_t pid) {
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return errno == ESRCH;
  pollfd end{fd, POLLIN, 0};
  const bool ended = ::poll(&end, 1, 30'000) == 1;
  ::close(fd);
  return ended;
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// What one way of behaving comes to. `quick`: the time-out is not waited for.
struct Row {
  std::string way;
  Reply issue;
  bool token;
  TokenState probe;
  Reply revoke, find;
  std::string message;  // of issue: a part of it
  bool quick = true;
};

constexpr auto D = Reply::done;
constexpr auto R = Reply::refused;
constexpr auto U = Reply::doubt;
constexpr auto valid = TokenState::valid;
constexpr auto unknown = TokenState::unknown;

const Row kRows[] = {
    {"sound", D, true, valid, D, D, ""},
    {"exit0", D, true, valid, D, D, ""},
    {"exit1", U, true, unknown, U, U, "it ended with status 1"},
    {"exit2", U, true, unknown, U, U, "it ended with status 2"},
    {"exit3", U, true, unknown, R, R, "it refused, and gave a token all the same"},
    {"exit4", U, true, unknown, U, U, "it cannot tell what has happened"},
    {"exit5", U, true, unknown, U, U, "it ended with status 5"},
    {"bare-exit0", U, false, unknown, U, U, "it gave no answer: the last word"},
    {"bare-exit1", U, false, unknown, U, U, "it ended with status 1: the last word"},
    {"bare-exit3", R, false, unknown, R, R, "the last word"},
    {"bare-exit4", U, false, unknown, U, U, "the last word"},
    {"signal9", U, true, unknown, U, U, "it was ended by signal 9"},
    {"signal11", U, true, unknown, U, U, "it was ended by signal 11"},
    {"signal6", U, true, unknown, U, U, "it was ended by signal 6"},
    {"signal15", U, true, unknown, U, U, "it was ended by signal 15"},
    {"closes-stdout", U, true, unknown, U, U, "it gave no answer"},
    {"closes-all", U, false, unknown, U, U, "it gave no answer"},
    {"much-answer", U, true, unknown, U, U, "its answer is longer than 64 KiB"},
    {"much-words", D, true, valid, D, D, ""},
    {"large-token", D, true, unknown, U, U, ""},
    {"too-large-token", U, false, unknown, U, U, "its token is longer than 32 KiB"},
    {"no-token", U, false, unknown, U, U, "it gave no token"},
    {"reads-nothing", D, true, valid, D, D, ""},
    {"garbage", U, true, unknown, U, U, "its answer is not one JSON object"},
    {"deep", U, true, unknown, U, U, "its answer is nested too deeply"},
    {"deep-object", U, true, unknown, U, U, "its answer is nested too deeply"},
    {"wrong-types", U, true, unknown, U, U, "its member \"id\" is not a line"},
    {"refuses-with-token", U, true, unknown, R, R, "it refused, and gave a token"},
    {"grandchild", D, true, valid, D, D, ""},
    {"hang", U, false, unknown, U, U, "it did not end within 1 s", false},
    {"ignores-term", U, false, unknown, U, U, "it did not end within 1 s", false},
    {"stops-itself", U, false, unknown, U, U, "it did not end within 1 s", false},
    {"hang-after-token", U, true, unknown, U, U, "it did not end within 1 s", false},
    {"half-token", U, true, unknown, U, U, "it did not end within 1 s", false},
};

}  // namespace

TEST_CASE("what a program does badly, and what comes of it") {
  const std::size_t before = open_descriptors();
  for (const Row& row : kRows) {
    CAPTURE(row.way);
    {
      Asked asked(row.way);
      if (!row.quick) asked.request.timeout = 1s;
      const auto issued = asked.issue();
      REQUIRE(issued);
      CHECK(issued->reply == row.issue);
      CHECK(asked.kept.size() == (row.token ? 1 : 0));
      CAPTURE(issued->message);
      CHECK(holds(issued->message, row.message));
      CHECK(issued->message.empty() == (row.issue == D));
      const auto probed = asked.provider().probe(asked.request);
      if (!probed) FAIL(probed.error().message());
      CHECK(probed->state == row.probe);
      const auto revoked = asked.provider().revoke(asked.request);
      REQUIRE(revoked);
      CHECK(revoked->reply == row.revoke);
      const auto found = asked.provider().find(asked.request);
      REQUIRE(found);
      CHECK(found->reply == row.find);
    }
    CHECK_FALSE(has_children());
    CHECK(open_descriptors() == before);
  }
}

TEST_CASE("10 MiB as a token are no token") {
  Asked asked("much-token");
  const auto issued = asked.issue();
  REQUIRE(issued);
  CHECK(issued->reply == Reply::doubt);
  CHECK(asked.kept.empty());
  CHECK(holds(issued->message, "its token is longer than 32 KiB"));
}

TEST_CASE("a sound answer arrives whole") {
  Asked asked("sound");
  const auto issued = asked.issue();
  REQUIRE(issued);
  CHECK(asked.kept == std::vector<std::string>{std::string(kNewToken)});
  CHECK(issued->id == "n1");
  CHECK(issued->owner == "acme");
  const Time december = std::chrono::sys_days(std::chrono::year(2026) / 12 / 1);
  CHECK(issued->expires == december);
  CHECK(asked.provider().probe(asked.request)->expires == december);
  CHECK(asked.provider().find(asked.request)->ids == std::vector<std::string>{"n1", "n2"});
  const auto declared = asked.provider().describe();
  REQUIRE(declared);
  CHECK(declared->issue == Issue::once);
  CHECK(declared->revoke);
}

TEST_CASE("a token whose program dies is kept, and of a half one that half") {
  Asked killed("hang-after-token"), half("half-token");
  killed.request.timeout = half.request.timeout = 1s;
  REQUIRE(killed.issue());
  REQUIRE(half.issue());
  CHECK(killed.kept.at(0) == kNewToken);
  CHECK(half.kept.at(0) == kNewToken.substr(0, 7));
}

TEST_CASE("a token that cannot be kept is that error, whatever the program says") {
  for (const char* way : {"sound", "exit3", "exit4", "garbage"}) {
    Asked asked(way);
    asked.keep_fails = true;
    const auto issued = asked.issue();
    REQUIRE_FALSE(issued);
    CHECK(issued.error().code() == Errc::conflict);
    CHECK(issued.error().message() == "cannot keep it");
  }
}

TEST_CASE("a token of 32 KiB is kept whole") {
  Asked asked("large-token");
  REQUIRE(asked.issue());
  CHECK(asked.kept.at(0) == std::string(32768, 't'));
}

TEST_CASE("another token's and another owner's answers are handed on as they are") {
  Asked asked("others");
  const auto probed = asked.provider().probe(asked.request);
  REQUIRE(probed);
  CHECK(probed->id == "another");
  CHECK(probed->owner == "another-org");
}

TEST_CASE("a program that describes itself badly is unreachable, in one line") {
  for (const char* way :
       {"garbage", "wrong-types", "exit1", "exit3", "signal9", "much-answer", "closes-stdout"}) {
    CAPTURE(way);
    Asked asked(way);
    const auto declared = asked.provider().describe();
    REQUIRE_FALSE(declared);
    CHECK(declared.error().code() == Errc::unreachable);
    CHECK(holds(declared.error().message(), "cannot learn what " + asked.program() + " can do: it"));
    CHECK_FALSE(holds(declared.error().message(), "\n"));
  }
}

TEST_CASE("what a program says is shown without secrets") {
  Asked stderr_says("token-on-stderr");
  const auto issued = stderr_says.issue();
  REQUIRE(issued);
  CHECK(issued->message == "sent [redacted] and got [redacted]");

  Asked answer_says("token-in-answer");
  answer_says.request.secrets.clear();  // so that descriptor 3 holds one secret alone
  const auto second = answer_says.issue();
  REQUIRE(second);
  CHECK(second->reply == Reply::done);
  CHECK(second->message == "it is [redacted], now [redacted]");
  CHECK(second->id.empty());
  CHECK(second->owner.empty());
  const auto probed = answer_says.provider().probe(answer_says.request);
  REQUIRE(probed);
  CHECK(probed->id.empty());
  answer_says.request.current = answer_says.request.token;
  const auto found = answer_says.provider().find(answer_says.request);
  REQUIRE(found);
  CHECK(found->reply == Reply::doubt);
  CHECK(found->ids.empty());
}

TEST_CASE(
    "a token of our own form is known in what a program says, and an id that looks like one is left alone") {
  Asked asked("own-form");
  const auto issued = asked.issue();
  REQUIRE(issued);
  CHECK(issued->message == "that is org_000000000000…");
  CHECK(issued->id.empty());
  CHECK(issued->owner == "tok_" + std::string(64, '0'));
}

TEST_CASE("a refusal's message and its wait are handed on") {
  Asked asked("message");
  const auto issued = asked.issue();
  REQUIRE(issued);
  CHECK(issued->reply == Reply::refused);
  CHECK(issued->message == "too many requests [31m today");
  CHECK(issued->retry_after == 60s);
  CHECK(asked.provider().revoke(asked.request)->retry_after == 60s);
}

TEST_CASE("grandchildren end with the call, and one that escapes does not delay it") {
  Asked near("grandchild"), far("escaped-grandchild");
  REQUIRE(near.issue());
  CHECK(ends(std::stoi(read_file(near.beside("pid")))));
  const auto issued = far.issue();
  REQUIRE(issued);
  CHECK(issued->reply == Reply::done);
  CHECK(far.kept.size() == 1);
  const pid_t escaped = std::stoi(read_file(far.beside("pid")));
  CHECK(::kill(escaped, SIGKILL) == 0);
}
