#include "quiet_terminal.hpp"

#include <poll.h>

#include <utility>

#include "failure.hpp"

namespace tokenvault::cli {
namespace {

volatile sig_atomic_t caught_signal = 0;

/// The one that continues comes along with others, and is the least of them.
extern "C" void note_signal(int signal) {
  if (signal != SIGCONT || caught_signal == 0) caught_signal = signal;
}

}  // namespace

Result<QuietTerminal> QuietTerminal::enter(int tty) {
  QuietTerminal quiet(tty);
  if (::tcgetattr(tty, &quiet.modes_) != 0) {
    quiet.tty_ = -1;
    return system_error("read the terminal's modes");
  }
  quiet.hold_signals();
  auto silent = quiet.modes_;
  // Canonical lines end at 4095 bytes, and a token may be longer.
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL | ICANON | IEXTEN);
  silent.c_cc[VMIN] = 1;
  silent.c_cc[VTIME] = 0;
  if (::tcsetattr(tty, TCSAFLUSH, &silent) != 0) return system_error("turn the terminal's echo off");
  return quiet;
}

QuietTerminal::QuietTerminal(QuietTerminal&& other) noexcept
    : tty_(std::exchange(other.tty_, -1)),
      modes_(other.modes_),
      mask_(other.mask_),
      actions_(other.actions_) {}

QuietTerminal::~QuietTerminal() {
  if (tty_ < 0) return;
  ::tcsetattr(tty_, TCSAFLUSH, &modes_);
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &actions_[i], nullptr);
  ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
}

void QuietTerminal::hold_signals() noexcept {
  caught_signal = 0;
  sigset_t held;
  ::sigemptyset(&held);
  for (const int signal : kSignals) ::sigaddset(&held, signal);
  ::sigprocmask(SIG_BLOCK, &held, &mask_);
  struct sigaction note {};
  note.sa_handler = note_signal;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &actions_[i]);
    if (actions_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &note, nullptr);
  }
}

bool QuietTerminal::wait() const noexcept {
  struct pollfd input {
    tty_, POLLIN, 0
  };
  return ::ppoll(&input, 1, nullptr, &mask_) > 0;
}

int QuietTerminal::caught() noexcept { return caught_signal; }

}  // namespace tokenvault::cli
