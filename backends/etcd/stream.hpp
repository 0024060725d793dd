#pragma once
#include <curl/curl.h>
#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "etcd/http.hpp"

namespace tokenvault::etcd {

/// One request whose answer has no end: a line of JSON whenever there is something to tell. Nothing happens behind
/// the caller's back: what has come is taken by pump(). Not thread-safe.
class Stream {
 public:
  /// Sends `body` to `url` without waiting. Null without memory.
  static std::unique_ptr<Stream> open(const Tls& tls, const std::string& url, std::string body,
                                      const std::string& token);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// False in a forked child: the connection is its parent's.
  [[nodiscard]] bool is_ours() const noexcept;
  /// Whether there may be something to take: one system call.
  [[nodiscard]] bool is_due() const noexcept;
  /// Blocks until there may be, or `most` has passed: false then.
  bool wait(std::chrono::milliseconds most);
  /// Takes what has come. False where the stream is over.
  bool pump();
  std::optional<std::string> next_line();

 private:
  Stream() = default;
  static std::size_t take(char* bytes, std::size_t, std::size_t size, void* stream);

  struct CloseMulti {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
  };
  std::unique_ptr<CURLM, CloseMulti> multi_;
  Handle handle_;
  Lines lines_;
  std::string body_;
  std::string taken_;
  pid_t owner_ = 0;
};

}  // namespace tokenvault::etcd
