#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tokenvault::test {

struct HttpAnswer {
  int status = 0;  ///< 0: there was none
  std::string body;
};

/// One HTTP/1.0 request to a server of the test's own on 127.0.0.1. The tokens of a test are no secrets.
inline HttpAnswer ask_loopback(std::uint16_t port, std::string_view method, std::string_view path,
                               std::string_view token, std::string_view headers = {}) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  HttpAnswer answer;
  std::string text;
  const std::string request = std::string(method) + " " + std::string(path) +
                              " HTTP/1.0\r\nAuthorization: Bearer " + std::string(token) + "\r\n" +
                              std::string(headers) + "\r\n";
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char room[4096];
    for (ssize_t size = 0; (size = ::recv(fd, room, sizeof room, 0)) > 0;)
      text.append(room, static_cast<std::size_t>(size));
  }
  ::close(fd);
  const auto body = text.find("\r\n\r\n");
  if (body == std::string::npos || !text.starts_with("HTTP/1.")) return answer;
  answer.status = std::stoi(text.substr(9, 3));
  answer.body = text.substr(body + 4);
  return answer;
}

}  // namespace tokenvault::test
