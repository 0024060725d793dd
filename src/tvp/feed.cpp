#include "tvp/feed.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>

namespace tokenvault::tvp {
namespace {

/// Keeps SIGPIPE from this thread, and from the host's handler. One that was pending before is left pending.
class NoPipeSignal {
 public:
  NoPipeSignal() noexcept {
    sigset_t pending = {};
    sigpending(&pending);
    theirs_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    const timespec at_once = {};
    while (!theirs_ && ::sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) {
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t pipe_ = {}, before_ = {};
  bool theirs_ = false;
};

}  // namespace

bool Feed::write_to(int fd) noexcept {
  const NoPipeSignal quiet;
  while (next_ < pieces_.size()) {
    auto& piece = pieces_[next_];
    const ssize_t written = piece.empty() ? 0 : ::write(fd, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      broken_ = errno != EAGAIN && errno != EPIPE;
      return errno != EAGAIN;
    }
    piece = piece.subspan(static_cast<std::size_t>(written));
    if (piece.empty()) ++next_;
  }
  return true;
}

}  // namespace tokenvault::tvp
