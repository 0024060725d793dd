#include "http_server.hpp"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "connections.hpp"

namespace tokenvault::orgapi {
namespace {

constexpr unsigned kThreads = 4;
constexpr std::size_t kConnectionMemory = 32 * 1024;  // headers beyond it: 431
constexpr std::size_t kMostIgnored = 1'000'000, kMostIgnoredDigits = 6;

/// One request on its way in.
struct Exchange {
  const char* target_end = nullptr;  // of the request line's target, as it came
  bool begun = false;
  std::string body;
  std::optional<Answer> refused;  // once the body, which nobody looks at, is through
  std::size_t ignored = 0;

  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() { ::explicit_bzero(body.data(), body.size()); }
};

MHD_Result collect(void* into, MHD_ValueKind, const char* key, std::size_t key_size, const char* value,
                   std::size_t value_size) {
  // An argument without "=" has no value at all.
  static_cast<std::vector<Field>*>(into)->emplace_back(
      std::string_view(key, key_size),
      value == nullptr ? std::string_view() : std::string_view(value, value_size));
  return MHD_YES;
}

int socket_of(MHD_Connection* connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

std::string peer_of(MHD_Connection* connection) {
  const auto* address = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
  std::array<char, INET_ADDRSTRLEN> text{};
  const auto* ours = static_cast<const sockaddr_in*>(static_cast<const void*>(address));
  ::inet_ntop(AF_INET, &ours->sin_addr, text.data(), text.size());
  return text.data();
}

Request request_of(MHD_Connection* connection, std::string_view method, std::string_view path,
                   std::string_view peer) {
  Request request{.method = method, .path = path, .peer = peer};
  MHD_get_connection_values_n(connection, MHD_HEADER_KIND, collect, &request.fields);
  MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, collect, &request.query);
  MHD_get_connection_values_n(connection, MHD_COOKIE_KIND, collect, &request.cookies);
  return request;
}

// The server hands on strings that end at a zero byte: one that is written as such would cut a path short.
std::size_t unescape(void*, MHD_Connection*, char* text) {
  return std::strstr(text, "%00") == nullptr ? MHD_http_unescape(text) : std::strlen(text);
}

/// libmicrohttpd 0.9 ends a header's value at a zero byte, takes a bare line feed for a line's end, and joins folded
/// lines. A reader in front of us may do otherwise, so the parts must lie as they do in a plain request: each behind
/// the one before, with CR and LF between them and nothing else.
bool hides_bytes(MHD_Connection* connection, const Request& request, const char* target_end,
                 const char* version) {
  constexpr std::size_t kLineEnd = 2;
  if (target_end + 1 != version || request.fields.empty()) return true;
  const auto* at = version + std::strlen(version) + kLineEnd;
  for (const auto& [name, value] : request.fields) {
    if (name.data() != at) return true;
    at = value.data() + value.size() + kLineEnd;
  }
  const auto size = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
  return at + kLineEnd != request.method.data() + size;
}

/// A buffer that the server frees by this knows its size.
struct Sent {
  std::size_t size;
  char* bytes() { return static_cast<char*>(static_cast<void*>(this + 1)); }
};

void wipe_sent(void* bytes) {
  auto* sent = static_cast<Sent*>(bytes) - 1;
  ::explicit_bzero(bytes, sent->size);
  std::free(sent);
}

MHD_Response* response_of(Answer& answer) {
  if (answer.asset != nullptr) {
    const auto bytes = answer.asset->bytes;
    // The interface is C's of before const; a persistent buffer is only read.
    return MHD_create_response_from_buffer(bytes.size(), const_cast<std::byte*>(bytes.data()),
                                           MHD_RESPMEM_PERSISTENT);
  }
  const auto size = answer.body.size();
  auto* sent = static_cast<Sent*>(std::malloc(sizeof(Sent) + size));
  if (sent == nullptr) return nullptr;
  sent->size = size;
  answer.body.copy(sent->bytes(), size);
  ::explicit_bzero(answer.body.data(), size);
  auto* response = MHD_create_response_from_buffer_with_free_callback(size, sent->bytes(), wipe_sent);
  if (response == nullptr) wipe_sent(sent->bytes());
  return response;
}

MHD_Result send(MHD_Connection* connection, Answer& answer) {
  auto* response = response_of(answer);
  if (response == nullptr) return MHD_NO;
  if (!answer.type.empty()) MHD_add_response_header(response, "Content-Type", answer.type.c_str());
  for (const auto& [name, value] : answer.headers)
    MHD_add_response_header(response, name.c_str(), value.c_str());
  const auto queued = MHD_queue_response(connection, answer.status, response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpLimits& limits, HttpHandler handler) : limits_(limits), handler_(std::move(handler)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
  }

  bool start(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    daemon_ = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, nullptr, nullptr, on_request, this,   //
        MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE, kThreads,  //
        MHD_OPTION_CONNECTION_LIMIT, limits_.connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        kConnectionMemory, MHD_OPTION_CONNECTION_TIMEOUT, static_cast<unsigned>(limits_.idle.count()),
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, on_target, this,
        MHD_OPTION_UNESCAPE_CALLBACK, unescape, nullptr, MHD_OPTION_NOTIFY_COMPLETED, on_completed, this,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, this, MHD_OPTION_END);
    return daemon_ != nullptr;
  }

  [[nodiscard]] std::uint16_t port() const {
    return MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port;
  }
  void drop_overdue() { connections_.shut_overdue(limits_.request); }

 private:
  static void* on_target(void*, const char* target, MHD_Connection*) {
    auto* exchange = new (std::nothrow) Exchange;
    if (exchange != nullptr) exchange->target_end = target + std::strlen(target);
    return exchange;
  }

  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* path, const char* method,
                               const char* version, const char* data, std::size_t* size, void** state) {
    if (*state == nullptr) return MHD_NO;
    try {
      auto& exchange = *static_cast<Exchange*>(*state);
      if (*size > 0) return static_cast<Impl*>(self)->gather(exchange, {data, std::exchange(*size, 0)});
      return static_cast<Impl*>(self)->take(connection, path, method, version, exchange);
    } catch (const std::exception&) {
      return MHD_NO;  // want of memory: the connection closes
    }
  }

  static void on_completed(void* self, MHD_Connection* connection, void** state, MHD_RequestTerminationCode) {
    delete static_cast<Exchange*>(*state);
    *state = nullptr;
    static_cast<Impl*>(self)->connections_.answered(socket_of(connection));
  }

  static void on_connection(void* self, MHD_Connection* connection, void**,
                            MHD_ConnectionNotificationCode code) {
    auto& connections = static_cast<Impl*>(self)->connections_;
    code == MHD_CONNECTION_NOTIFY_STARTED ? connections.opened(socket_of(connection))
                                          : connections.closed(socket_of(connection));
  }

  MHD_Result gather(Exchange& exchange, std::string_view piece) const {
    if (exchange.refused) return (exchange.ignored += piece.size()) > kMostIgnored ? MHD_NO : MHD_YES;
    // The gate has looked at the length; a server that gave more than it said would be wrong.
    if (exchange.body.size() + piece.size() > limits_.body) return MHD_NO;
    exchange.body += piece;
    return MHD_YES;
  }

  /// Called with the headers, and again when the body is there.
  MHD_Result take(MHD_Connection* connection, const char* path, const char* method, const char* version,
                  Exchange& exchange) {
    const auto peer = peer_of(connection);
    auto request = request_of(connection, method, path, peer);
    request.body = exchange.body;
    if (exchange.refused) return finish(connection, request, *std::move(exchange.refused));
    if (std::exchange(exchange.begun, true)) return finish(connection, request, handler_.answer(request));
    const bool hides = hides_bytes(connection, request, exchange.target_end, version);
    auto refused = handler_.refuse(request, hides);
    const auto length = request.one("Content-Length");
    if (!refused) {
      // Once, so that no smaller buffer with a part of it is left behind.
      if (length) exchange.body.reserve(limits_.body);
      return MHD_YES;
    }
    refused->headers.emplace_back("Connection", "close");
    // An answer before the body is there can be lost on its way to a client that is still sending.
    if (refused->status != 413 || !length || length->size() > kMostIgnoredDigits)
      return finish(connection, request, *std::move(refused));
    exchange.refused = std::move(refused);
    return MHD_YES;
  }

  MHD_Result finish(MHD_Connection* connection, const Request& request, Answer answer) {
    handler_.answered(request, answer);
    return send(connection, answer);
  }

  HttpLimits limits_;
  HttpHandler handler_;
  Connections connections_;
  MHD_Daemon* daemon_ = nullptr;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

Result<HttpServer> HttpServer::listen(std::uint16_t port, const HttpLimits& limits, HttpHandler handler) {
  auto impl = std::make_unique<Impl>(limits, std::move(handler));
  if (!impl->start(port)) {
    const int error = errno;
    return Error(
        error == EADDRINUSE ? Errc::unavailable : Errc::io,
        "listen on 127.0.0.1, port " + std::to_string(port) +
            (error == EADDRINUSE ? ": another program has it; choose one by --port" : ": the system refused"),
        error);
  }
  return HttpServer(std::move(impl));
}

std::uint16_t HttpServer::port() const noexcept { return impl_->port(); }
void HttpServer::drop_overdue() { impl_->drop_overdue(); }

}  // namespace tokenvault::orgapi
