#pragma once
#include <signal.h>
#include <termios.h>

#include <array>

#include "tokenvault/error.hpp"

namespace tokenvault::cli {

/// A terminal without echo and line limit for the life of this object. Signals that would end or
/// stop the process wait until wait(), which notes them, so that none is served with echo off. So does
/// the one that follows a stop nobody can catch, after which a shell may have turned the echo on.
/// One at a time in a process.
class QuietTerminal {
 public:
  static Result<QuietTerminal> enter(int tty);
  QuietTerminal(QuietTerminal&& other) noexcept;
  QuietTerminal& operator=(QuietTerminal&&) = delete;
  ~QuietTerminal();

  /// Blocks until there is input (true) or a signal came (false).
  [[nodiscard]] bool wait() const noexcept;
  /// The signal that came, or 0.
  [[nodiscard]] static int caught() noexcept;

 private:
  static constexpr std::array kSignals{SIGINT,  SIGTERM, SIGQUIT, SIGHUP, SIGALRM,
                                       SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT};
  explicit QuietTerminal(int tty) noexcept : tty_(tty) {}
  void hold_signals() noexcept;

  int tty_;
  struct termios modes_ {};
  sigset_t mask_{};
  std::array<struct sigaction, kSignals.size()> actions_{};
};

}  // namespace tokenvault::cli
