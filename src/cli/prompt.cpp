#include "prompt.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "failure.hpp"
#include "hidden_line.hpp"
#include "output.hpp"
#include "quiet_terminal.hpp"
#include "try.hpp"

namespace tokenvault::cli {
namespace {

/// What is there, or EAGAIN. Ctrl-Z drops what was typed before it: a read that waits, with signals held,
/// would then wait for ever.
ssize_t read_now(int tty, std::span<std::byte> chunk) {
  const int flags = ::fcntl(tty, F_GETFL);
  ::fcntl(tty, F_SETFL, flags | O_NONBLOCK);
  const auto got = ::read(tty, chunk.data(), chunk.size());
  const int error = errno;
  ::fcntl(tty, F_SETFL, flags);
  errno = error;
  return got;
}

/// Reads until the line is complete; whole is empty where a stop signal has to be served first.
Status read_line(int tty, QuietTerminal& quiet, HiddenLine& line) {
  while (!line.complete() && quiet.caught() == 0) {
    if (!quiet.wait()) continue;
    TV_TRY(const auto chunk, line.room());
    const auto got = read_now(tty, chunk);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return system_error("read from the terminal");
    TV_CHECK(line.accept(static_cast<std::size_t>(got)));
  }
  return Ok{};
}

}  // namespace

Result<Terminal> Terminal::open(bool allowed) {
  if (!allowed) return Error(Errc::no_key, "input is needed, and --no-input forbids asking for it");
  Descriptor tty(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!tty || ::isatty(tty.get()) == 0)
    return Error(Errc::no_key, "input is needed, and there is no terminal to ask at");
  return Terminal(std::move(tty));
}

Result<SecretBuffer> Terminal::ask_hidden(std::string_view prompt) const {
  auto line = ask(prompt);
  // A terminal that went away answers so, or with the end of input, as it happens.
  if (!line && line.error().os_error() == EIO) return Error(Errc::no_key, "the terminal went away");
  return line;
}

Result<SecretBuffer> Terminal::ask(std::string_view prompt) const {
  for (;;) {
    // After a stop it starts anew: whoever sees the prompt again types the whole again.
    HiddenLine line;
    Status read = Ok{};
    int signal = 0;
    {
      TV_TRY(auto quiet, QuietTerminal::enter(tty_.get()));
      TV_CHECK(show(prompt));
      read = read_line(tty_.get(), quiet, line);
      signal = quiet.caught();
    }
    const auto ended = show("\n");
    TV_CHECK(read);
    TV_CHECK(ended);
    if (signal == 0) return std::move(line).take();
    // The terminal is as it was: now the signal may do what it does. A stop comes back here.
    ::raise(signal);
  }
}

Result<SecretBuffer> Terminal::ask_new(std::string_view prompt) const {
  TV_TRY(auto first, ask_hidden(prompt));
  TV_TRY(const auto second, ask_hidden("again: "));
  if (!equal_constant_time(first, second)) return Error(Errc::refused, "the two entries differ");
  return first;
}

Result<bool> Terminal::confirm(std::string_view question, bool otherwise) const {
  TV_CHECK(show(question));
  char answer = '\n';
  for (char c = 0; c != '\n';) {
    const auto got = ::read(tty_.get(), &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    if (answer == '\n') answer = c;
  }
  return answer == '\n' ? otherwise : answer == 'y' || answer == 'Y';
}

Status Terminal::show(std::string_view text) const { return write_all(tty_.get(), text); }

Status Terminal::show(const SecretBuffer& secret) const { return write_secret(tty_.get(), secret); }

}  // namespace tokenvault::cli
