// orgapi: the reference API service; docs/orgapi.md. It binds to the loopback interface alone.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <exception>

#include "home.hpp"
#include "http_server.hpp"
#include "log.hpp"
#include "options.hpp"
#include "password.hpp"
#include "tokenvault/try.hpp"

namespace tokenvault::orgapi {
namespace {

constexpr int kDone = 0, kFailed = 1, kUsage = 2;
constexpr std::size_t kMostPassword = 1024;

Status print(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written <= 0) return Error(Errc::io, "write to stdout: the system refused", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return Ok{};
}

Result<SecretBuffer> read_password(int fd) {
  TV_TRY(auto password, SecretBuffer::read_from(fd, kMostPassword + 1));
  if (!password.empty() && password.expose().back() == std::byte{'\n'})
    password.truncate(password.size() - 1);
  return password;
}

Status set_password(const Options& options) {
  TV_TRY(const auto password, options.password_fd ? read_password(*options.password_fd) : make_password());
  TV_CHECK(options.verb == Options::Verb::init
               ? make_home(options.folder, options.org, options.prefix, password)
               : change_password(options.folder, password));
  if (options.password_fd) return Ok{};
  TV_CHECK(print("admin password, shown this once: "));
  const auto bytes = password.expose();
  TV_CHECK(print({static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()}));
  return print("\n");
}

/// Blocked before the first thread begins, so that none of them is interrupted and one place hears of it.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void wait_for_end(const sigset_t& signals, HttpServer& server) {
  constexpr timespec kSecond{.tv_sec = 1, .tv_nsec = 0};
  while (::sigtimedwait(&signals, nullptr, &kSecond) < 0) server.drop_overdue();
}

Status serve(const Options& options) {
  TV_TRY(auto home, open_home(options.folder));
  TV_TRY(auto issuer, Issuer::open(home.database, home.prefix, home.hash_key));
  home.hash_key.wipe();
  Service service(std::move(issuer), std::move(home.password),
                  {.org = home.org, .prefix = home.prefix, .refusals = options.refusals}, system_clock());
  // Clients of a port that is known may be there before the server has told it.
  service.set_port(options.port);
  const std::chrono::seconds idle(options.timeout);
  const auto signals = block_end_signals();
  TV_TRY(auto server,
         HttpServer::listen(
             options.port, {.idle = idle, .request = 3 * idle},
             {.refuse = [&service](const Request& request,
                                   bool hides_bytes) { return service.refuse(request, hides_bytes); },
              .answer = [&service](const Request& request) { return service.answer(request); },
              .answered = log_answer}));
  service.set_port(server.port());
  TV_CHECK(print(fmt::format("orgapi: http://127.0.0.1:{}/admin\n", server.port())));
  wait_for_end(signals, server);
  return Ok{};
}

Status run(const Options& options) {
  switch (options.verb) {
    case Options::Verb::help: return print(options.help);
    case Options::Verb::init:
    case Options::Verb::password: return set_password(options);
    case Options::Verb::serve: return serve(options);
  }
  return Ok{};
}

int report(const Error& error) {
  log_failure("", error);
  return error.code() == Errc::invalid_argument ? kUsage : kFailed;
}

}  // namespace
}  // namespace tokenvault::orgapi

int main(int argc, char** argv) {
  using namespace tokenvault::orgapi;
  try {
    std::signal(SIGPIPE, SIG_IGN);
    ::umask(077);  // what it makes is for its own user
    // Where the system forbids it, the service does its work all the same.
    static_cast<void>(tokenvault::harden_process());
    const auto options = parse_options(argc, argv);
    if (!options) return report(options.error());
    const auto done = run(*options);
    return done ? kDone : report(done.error());
  } catch (const std::exception&) {
    return report({tokenvault::Errc::out_of_memory, "out of memory"});
  }
}
