#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "answer.hpp"
#include "request.hpp"
#include "tokenvault/error.hpp"

namespace tokenvault::orgapi {

struct HttpLimits {
  std::size_t body = 64 * 1024;
  unsigned connections = 256;     ///< in all; more wait to be accepted
  std::chrono::seconds idle{10};  ///< without a byte
  std::chrono::seconds request{
      30};  ///< from a request's first byte, or the connection's start, to its answer
};

/// What is asked about each request. Both are called from several threads at once and do not throw.
struct HttpHandler {
  /// With no body yet: an answer here ends the request and the connection. `hides_bytes`: there is something between
  /// its parts that is in none of them.
  std::function<std::optional<Answer>(const Request&, bool hides_bytes)> refuse;
  std::function<Answer(const Request&)> answer;
  /// What was answered, in either way.
  std::function<void(const Request&, const Answer&)> answered;
};

/// HTTP/1.1 on 127.0.0.1 by libmicrohttpd, which alone is seen here. Four threads share the connections by epoll: a
/// slow client costs a socket and no thread, and one that waits for the disk or the password does not stop the rest.
class HttpServer {
 public:
  /// Listens; `port` 0 takes a free one. Errors: unavailable (the port is taken), io.
  static Result<HttpServer> listen(std::uint16_t port, const HttpLimits& limits, HttpHandler handler);
  HttpServer(HttpServer&&) noexcept;
  HttpServer& operator=(HttpServer&&) noexcept;
  /// Ends when the requests under way are answered.
  ~HttpServer();

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// Shuts the connections whose request has taken too long: a client that sends a byte now and then is never idle.
  /// To be called about once a second.
  void drop_overdue();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tokenvault::orgapi
