#include "connections.hpp"

#include <sys/socket.h>

namespace tokenvault::orgapi {

void Connections::opened(int socket) {
  const std::scoped_lock lock(mutex_);
  waiting_[socket] = Clock::now();
}

void Connections::answered(int socket) { opened(socket); }

void Connections::closed(int socket) {
  const std::scoped_lock lock(mutex_);
  waiting_.erase(socket);
}

void Connections::shut_overdue(std::chrono::seconds limit) {
  // Under the lock that closed() takes first: the number cannot have become another connection's.
  const std::scoped_lock lock(mutex_);
  const auto now = Clock::now();
  for (const auto& [socket, since] : waiting_)
    if (now - since > limit) static_cast<void>(::shutdown(socket, SHUT_RDWR));
}

}  // namespace tokenvault::orgapi
