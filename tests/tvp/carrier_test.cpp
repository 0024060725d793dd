#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "support/child.hpp"
#include "tvp/asked.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

Errc opening(const std::string& program) {
  const auto opened = open_exec_provider(program);
  REQUIRE_FALSE(opened);
  CHECK_FALSE(holds(opened.error().message(), "\n"));
  return opened.error().code();
}

std::string file_of(const TempDir& folder, const std::string& name, const std::string& text, mode_t mode) {
  const std::string path = folder / name;
  std::ofstream(path) << text;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
  return path;
}

}  // namespace

TEST_CASE("what may not be started") {
  const TempDir folder;
  const std::string script = "#!/bin/sh\nexit 4\n";
  CHECK(opening("") == Errc::invalid_argument);
  CHECK(opening("bin/sh") == Errc::invalid_argument);
  CHECK(opening("sh") == Errc::invalid_argument);
  CHECK(opening("/bin/sh\n") == Errc::invalid_argument);
  CHECK(opening(folder / "absent") == Errc::not_found);
  CHECK(opening(file_of(folder, "file", script, 0700) + "/under") == Errc::not_found);
  CHECK(opening(folder.path()) == Errc::refused);
  CHECK(opening("/dev/null") == Errc::refused);
  CHECK(opening(file_of(folder, "not-executable", script, 0600)) == Errc::refused);
  CHECK(opening(file_of(folder, "unreadable", script, 0000)) == Errc::refused);
  CHECK(opening(file_of(folder, "world", script, 0702)) == Errc::refused);
  CHECK(opening(file_of(folder, "group", script, 0720)) == Errc::refused);
  CHECK(opening(file_of(folder, "setuid", script, 04700)) == Errc::refused);
  CHECK(opening(file_of(folder, "setgid", script, 02710)) == Errc::refused);
  if (::geteuid() == 0) {  // nobody else can give a file away
    const std::string theirs = file_of(folder, "theirs", script, 0755);
    REQUIRE(::chown(theirs.c_str(), 65534, 65534) == 0);
    CHECK(opening(theirs) == Errc::refused);
  }
  CHECK(open_exec_provider(file_of(folder, "fine", script, 0755)));
  CHECK(open_exec_provider("/bin/sh"));
}

TEST_CASE("a program is looked at again before each call, and nothing is asked of a changed one") {
  Asked asked("sound");
  REQUIRE(::chmod(asked.program().c_str(), 0777) == 0);
  const auto issued = asked.issue();
  REQUIRE_FALSE(issued);
  CHECK(issued.error().code() == Errc::refused);
  REQUIRE(std::filesystem::remove(asked.program()));
  CHECK(asked.issue().error().code() == Errc::not_found);
  CHECK(asked.provider().describe().error().code() == Errc::not_found);
  CHECK(asked.kept.empty());
}

TEST_CASE("a file that the system does not run is an error, not a doubt") {
  const TempDir folder;
  const ProviderRequest request;
  for (const char* text : {"#!/nowhere/at/all\n", "no program\n"}) {
    const std::string path = file_of(folder, "program", text, 0700);
    auto provider = open_exec_provider(path);
    REQUIRE(provider);
    const auto revoked = (*provider)->revoke(request);
    REQUIRE_FALSE(revoked);
    CHECK(revoked.error().code() == Errc::refused);
    CHECK(holds(revoked.error().message(), "cannot run " + path + " revoke: the system refuses it"));
  }
}

TEST_CASE("a further secret may not take the protocol's words") {
  for (const char* word : {"token", "current"}) {
    Asked asked("sound");
    const SecretBuffer further = secret("further");
    asked.request.secrets = {{word, &further}};
    CHECK(asked.issue().error().code() == Errc::invalid_argument);
  }
}

TEST_CASE("the program's surroundings: descriptors, environment, arguments, signals, and no secret in them") {
  ::setenv("TV_TEST_MARKER", std::string(kOldToken).c_str(), 1);
  struct sigaction ignore {
  }, before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGUSR1, &ignore, &before);
  sigset_t mask{}, mask_before{};
  sigaddset(&mask, SIGUSR2);
  ::pthread_sigmask(SIG_BLOCK, &mask, &mask_before);
  const int inherited = ::fcntl(STDIN_FILENO, F_DUPFD, 50);  // without O_CLOEXEC, as a careless host has them
  REQUIRE(inherited >= 50);
  Asked asked("tells-itself");
  REQUIRE(asked.issue());
  const std::string report = read_file(asked.beside("report"));
  CAPTURE(report);
  CHECK(holds(report, R"("fds": [0, 1, 2, 3, 4, 5],)"));  // 5 is the look at the list itself
  CHECK(holds(report, "\"cmdline\": \"/usr/bin/python3\\u0000" + asked.program() + "\\u0000issue\\u0000\""));
  CHECK(holds(report, R"("TVP=1")"));
  CHECK(holds(report, R"("cwd": "/")"));
  CHECK(holds(report, R"("umask": "0077")"));
  CHECK(holds(report, R"("blocked": "0000000000000000")"));
  CHECK(holds(report, R"("ignored": "0000000001001000")"));  // SIGPIPE and SIGXFSZ: Python's own doing
  CHECK(holds(report, R"("leads": true)"));
  CHECK_FALSE(holds(report, "TV_TEST_MARKER"));
  for (const auto word : {kOldToken, kNewToken, kAdmin, std::string_view("current-token")}) {
    CHECK_FALSE(holds(report, word));
  }
  REQUIRE(asked.provider().probe(asked.request));
  CHECK(holds(read_file(asked.beside("report")), R"("fds": [0, 1, 2, 3, 4],)"));
  ::close(inherited);
  ::pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
  ::sigaction(SIGUSR1, &before, nullptr);
  ::unsetenv("TV_TEST_MARKER");
}

TEST_CASE("each verb gets its secrets in their order, and JSON that tells their sizes") {
  Asked asked("echoes-secrets");
  asked.request.id = "t-1";
  asked.request.overlap = 3600s;
  asked.request.lifetime = 7776000s;
  const auto request = [&] { return read_file(asked.beside("request")); };
  const auto secrets = [&] { return read_file(asked.beside("secrets")); };
  const std::string old(kOldToken), current = "current-token-klmnop", admin(kAdmin);
  REQUIRE(asked.issue());
  CHECK(secrets() == old + admin);
  CHECK(
      request() ==
      R"({"id":"t-1","lifetime":7776000,"name":"acme/claimr","overlap":3600,"rotation":"0123456789abcdefghijkl",)"
      R"("settings":{"url":"https://provider.example"},"tokens":[{"name":"token","size":20},)"
      R"({"name":"admin","size":20}],"tvp":1,"verb":"issue"})"
      "\n");
  REQUIRE(asked.provider().probe(asked.request));
  CHECK(secrets() == old + admin);
  CHECK_FALSE(holds(request(), "overlap"));
  REQUIRE(asked.provider().revoke(asked.request));
  CHECK(secrets() == old + current + admin);
  REQUIRE(asked.provider().find(asked.request));
  CHECK(secrets() == current + admin);
  CHECK_FALSE(holds(request(), "t-1"));
  asked.request.token = nullptr;
  REQUIRE(asked.issue());
  CHECK(secrets() == admin);
  REQUIRE(asked.provider().revoke(asked.request));
  CHECK(secrets() == current + admin);
  CHECK(holds(request(), R"({"name":"token","size":0})"));
  REQUIRE(asked.provider().describe());
  CHECK(request() == "{\"settings\":{},\"tvp\":1,\"verb\":\"describe\"}\n");
  CHECK(secrets().empty());
}

TEST_CASE("a request and secrets larger than a pipe arrive whole") {
  Asked asked("echoes-secrets");
  const SecretBuffer large = secret(std::string(32768, 'l'));
  for (const char* name : {"a", "b", "c", "d"}) asked.request.secrets[name] = &large;
  for (int i = 0; i < 100; ++i) asked.request.settings["s" + std::to_string(i)] = std::string(2048, 's');
  REQUIRE(asked.provider().probe(asked.request));
  CHECK(read_file(asked.beside("secrets")).size() == kOldToken.size() + kAdmin.size() + 4 * 32768);
  CHECK(read_file(asked.beside("request")).size() > 100 * 2048);
}

TEST_CASE("the host's own SIGPIPE is neither raised nor taken away") {
  struct sigaction deadly {
  }, before{};
  deadly.sa_handler = SIG_DFL;
  ::sigaction(SIGPIPE, &deadly, &before);
  Asked asked("closes-all");
  const SecretBuffer large = secret(std::string(32768, 'l'));
  for (const char* name : {"a", "b", "c", "d"}) asked.request.secrets[name] = &large;
  CHECK(asked.provider().probe(asked.request));
  sigset_t pending{};
  ::sigpending(&pending);
  CHECK(sigismember(&pending, SIGPIPE) == 0);
  ::sigaction(SIGPIPE, &before, nullptr);
}

TEST_CASE("calls from several threads do not mix") {
  std::vector<std::unique_ptr<Asked>> all;
  for (int i = 0; i < 4; ++i) all.push_back(std::make_unique<Asked>("sound"));
  std::vector<std::thread> threads;
  for (auto& asked : all) {
    threads.emplace_back([&asked] {
      for (int i = 0; i < 5; ++i) (void)asked->issue();
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& asked : all) CHECK(asked->kept == std::vector<std::string>(5, std::string(kNewToken)));
}

TEST_CASE("calls on: a caller to be killed" * doctest::skip()) {
  auto provider = open_exec_provider(setting("TV_PROGRAM"));
  REQUIRE(provider);
  ProviderRequest request;
  request.timeout = 1h;
  (void)(*provider)->probe(request);
}

TEST_CASE("a program ends with its caller") {
  Asked asked("hang-aloud");
  const std::string fifo = asked.beside("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  Child caller("calls on: a caller to be killed", {"TV_PROGRAM=" + asked.program()});
  const pid_t program = std::stoi(read_file(fifo));
  const int watched = static_cast<int>(::syscall(SYS_pidfd_open, program, 0));
  REQUIRE(watched >= 0);
  ::kill(caller.pid(), SIGKILL);
  pollfd end{watched, POLLIN, 0};
  CHECK(::poll(&end, 1, 30'000) == 1);
  ::close(watched);
}
