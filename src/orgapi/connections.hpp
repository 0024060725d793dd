#pragma once
#include <chrono>
#include <map>
#include <mutex>

namespace tokenvault::orgapi {

/// The open sockets, and since when each has been waiting for its request to be whole. Thread-safe.
class Connections {
 public:
  void opened(int socket);
  /// A request of its was answered: the next one may take its time again.
  void answered(int socket);
  void closed(int socket);
  /// Shuts those that wait for longer than `limit`; the server then closes them.
  void shut_overdue(std::chrono::seconds limit);

 private:
  using Clock = std::chrono::steady_clock;
  std::mutex mutex_;
  std::map<int, Clock::time_point> waiting_;
};

}  // namespace tokenvault::orgapi
