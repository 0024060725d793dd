// A process is killed before each thing it does to the disk while it issues and rotates: what it has revealed is good,
// what it has not lets nobody in, and the rotation can be asked for again.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include "core/file.hpp"
#include "issuer_place.hpp"
#include "support/system_calls.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kTokenSize = 65;

void reveal(int pipe, const IssuedToken& issued) {
  const auto text = text_of(issued);
  if (::write(pipe, text.data(), text.size()) != kTokenSize) ::_exit(2);
}

/// Issues one token and rotates another, and tells both as soon as they are there.
[[noreturn]] void issue_and_rotate(const std::string& path, const std::string& id, int moment, int pipe,
                                   const Clock& clock) {
  SystemCalls calls;
  calls.kill_at(moment);
  auto issuer = Issuer::open(path, "org", master_key(), clock);
  if (!issuer) ::_exit(1);
  auto issued = issuer->issue({"acme", "new", "", std::nullopt});
  if (!issued) ::_exit(1);
  reveal(pipe, *issued);
  auto next = issuer->rotate(id, {"r", 60s, 600s});
  if (!next) ::_exit(1);
  reveal(pipe, *next);
  ::_exit(0);
}

std::string read_all(int pipe) {
  std::string all;
  char part[256];
  for (ssize_t got = 0; (got = ::read(pipe, part, sizeof part)) > 0;)
    all.append(part, static_cast<std::size_t>(got));
  return all;
}

struct End {
  std::string revealed;
  bool killed = false;
};

End run_child(const std::string& path, const std::string& id, int moment, const Clock& clock) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) issue_and_rotate(path, id, moment, ends[1], clock);
  ::close(ends[1]);
  const File from(ends[0]);
  End end{read_all(from.get())};
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  end.killed = WIFSIGNALED(status);
  if (!end.killed) REQUIRE(WEXITSTATUS(status) == 0);
  return end;
}

}  // namespace

TEST_CASE("kill -9 before every write of issue and rotate") {
  int moments = 0, with_one = 0;
  FakeClock clock;
  for (int moment = 1;; ++moment) {
    CAPTURE(moment);
    TempDir folder;
    const auto path = folder / "issued.db";
    std::string old, id;
    {
      auto issuer = Issuer::open(path, "org", master_key(), clock).value();
      auto issued = issuer.issue({"acme", "old", "", std::nullopt}).value();
      old = text_of(issued);
      id = issued.grant.id;
      REQUIRE(word(ask(issuer, old)) == "");
    }
    const auto end = run_child(path, id, moment, clock);
    auto issuer = Issuer::open(path, "org", master_key(), clock).value();
    REQUIRE(end.revealed.size() % kTokenSize == 0);
    if (end.revealed.size() == kTokenSize) ++with_one;
    // The old one first: a look at its successor would be that one's first use.
    CHECK(word(ask(issuer, old)) == "");
    if (end.revealed.size() < 2 * kTokenSize) {
      const auto next = issuer.rotate(id, {"r", 60s, 600s}).value();
      CHECK(word(ask(issuer, text_of(next))) == "");
      CHECK(issuer.find(id).value().successor == next.grant.id);
    }
    for (std::size_t at = 0; at < end.revealed.size(); at += kTokenSize)
      CHECK(word(ask(issuer, std::string_view(end.revealed).substr(at, kTokenSize))) == "");
    if (!end.killed) break;
    ++moments;
  }
  CHECK(moments > 10);
  CHECK(with_one > 2);
}
