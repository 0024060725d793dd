#pragma once
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace tokenvault::test {

/// What a hostile server does once it has read a request.
struct Answer {
  std::string bytes;   ///< sent as they are
  bool close = false;  ///< and then the connection ends
  bool leave = false;  ///< and nobody listens any more

  static Answer of(int status, std::string_view body, bool close = false) {
    return {"HTTP/1.1 " + std::to_string(status) +
                " x\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + std::string(body),
            close};
  }
};

/// HTTP on a free port of the loopback, on a thread of its own: one answer to each POST.
class AttackServer {
 public:
  using Play = std::function<Answer(const std::string& path, const std::string& request)>;

  explicit AttackServer(Play play) : play_(std::move(play)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(listener_, 64) == 0);
    REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port_ = ntohs(at.sin_port);
    REQUIRE(::pipe(wake_) == 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~AttackServer() {
    (void)!::write(wake_[1], "x", 1);
    thread_.join();
    for (const auto& [fd, text] : open_) ::close(fd);
    for (const int fd : {listener_, wake_[0], wake_[1]})
      if (fd >= 0) ::close(fd);
  }
  AttackServer(const AttackServer&) = delete;
  AttackServer& operator=(const AttackServer&) = delete;

  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Requests so far whose path begins so.
  [[nodiscard]] int asked() const noexcept { return asked_; }
  [[nodiscard]] int connections() const noexcept { return connections_; }

 private:
  void serve() {
    for (;;) {
      std::vector<pollfd> asked{{wake_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
      for (const auto& [fd, text] : open_) asked.push_back({fd, POLLIN, 0});
      ::poll(asked.data(), asked.size(), -1);
      if (asked[0].revents != 0) return;
      for (std::size_t i = 2; i < asked.size(); ++i)
        if (asked[i].revents != 0) read(asked[i].fd);
      if (listener_ >= 0 && asked[1].revents != 0) {
        ++connections_;
        open_[::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)];
      }
    }
  }
  void read(int fd) {
    char room[65536];
    const auto size = ::recv(fd, room, sizeof room, 0);
    if (size <= 0) return drop(fd);
    auto& text = open_[fd];
    text.append(room, static_cast<std::size_t>(size));
    const auto head = text.find("\r\n\r\n");
    if (head == std::string::npos) return;
    const auto field = text.find("Content-Length: ");
    std::size_t length = 0;
    if (field < head) std::from_chars(text.data() + field + 16, text.data() + head, length);
    if (text.size() < head + 4 + length) return;
    const auto request = std::exchange(text, {});
    const auto path = request.substr(5, request.find(' ', 5) - 5);
    ++asked_;
    const auto answer = play_(path, request);
    if (answer.leave) {
      ::close(listener_);
      listener_ = -1;
    }
    if (!answer.bytes.empty()) ::send(fd, answer.bytes.data(), answer.bytes.size(), MSG_NOSIGNAL);
    if (answer.close) drop(fd);
  }
  void drop(int fd) {
    ::close(fd);
    open_.erase(fd);
  }

  Play play_;
  int listener_ = -1, wake_[2] = {-1, -1}, port_ = 0;
  std::map<int, std::string> open_;
  std::atomic<int> asked_ = 0, connections_ = 0;
  std::thread thread_;
};

}  // namespace tokenvault::test
