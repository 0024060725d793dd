#pragma once
#include <curl/curl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tokenvault::etcd {

/// Who vouches for the servers, and for us. Paths; empty ones are left to the system, or away.
struct Tls {
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
};

/// One request. The views must live through the exchange.
struct Request {
  std::string url;
  std::string_view body;
  std::string token;  ///< of a log-in; empty: none
  std::chrono::milliseconds limit{0};
  bool repeatable = true;  ///< false: once a byte of it is out, it is not sent again
};

enum class Delivery : std::uint8_t {
  not_sent,  ///< no byte of the request left
  lost,      ///< the server may have acted on it
  answered,
};

struct Reply {
  Delivery delivery = Delivery::not_sent;
  int status = 0;
  std::string body;     ///< at most kMaxReply bytes
  std::string trouble;  ///< for people, where it is not answered
  bool refused =
      false;  ///< the server takes no client with this certificate, or with none: nothing was sent to it
};

/// More than any answer to what we ask: the largest is a root in base64.
inline constexpr std::size_t kMaxReply = 4 * 1024 * 1024;

struct CloseHandle {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, CloseHandle>;

/// Header lines, and the log-in's token in them.
struct CloseLines {
  void operator()(curl_slist* lines) const noexcept;
};
using Lines = std::unique_ptr<curl_slist, CloseLines>;

/// A handle with all that every exchange with etcd has in common; null without memory.
Handle make_handle(const Tls& tls);
/// Null without memory.
Lines make_lines(const std::string& token);

/// Sends `request` over the handle's connection, made where there is none, and reads the whole answer. One
/// exchange at a time for each handle.
Reply exchange(CURL* handle, const Request& request);

}  // namespace tokenvault::etcd
