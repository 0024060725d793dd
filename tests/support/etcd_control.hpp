#pragma once
#include <doctest/doctest.h>
#include <sodium.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

#include "support/etcd_place.hpp"

namespace tokenvault::test {

/// Has things done to the etcd under test, past the backend: the words of tests/etcd/control.py.
class EtcdControl {
 public:
  EtcdControl() : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = etcd_setting("_CONTROL");
    REQUIRE(path.size() < sizeof(address.sun_path));
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  }
  ~EtcdControl() { ::close(socket_); }
  EtcdControl(const EtcdControl&) = delete;
  EtcdControl& operator=(const EtcdControl&) = delete;

  /// What it found.
  std::string tell(const std::string& words) {
    const auto line = words + "\n";
    REQUIRE(::send(socket_, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size()));
    std::string answer;
    std::array<char, 4096> piece{};
    for (ssize_t size = 1; size > 0 && !answer.ends_with('\n');) {
      size = ::read(socket_, piece.data(), piece.size());
      if (size > 0) answer.append(piece.data(), static_cast<std::size_t>(size));
    }
    REQUIRE(answer.ends_with('\n'));
    answer.pop_back();
    REQUIRE_MESSAGE(answer.starts_with("ok"), words.substr(0, 60) << ": " << answer);
    return answer.substr(answer.size() > 2 ? 3 : 2);
  }
  int count(const std::string& words) { return std::stoi(tell(words)); }

  void put(std::string_view key, std::string_view value) { tell("put " + hex(key) + " " + hex(value)); }
  void erase(std::string_view key) { tell("erase " + hex(key)); }
  std::map<std::string, std::string> below(std::string_view prefix) {
    std::map<std::string, std::string> found;
    std::istringstream pairs(tell("below " + hex(prefix)));
    for (std::string pair; pairs >> pair;) {
      const auto middle = pair.find('=');
      found[unhex(pair.substr(0, middle))] = unhex(pair.substr(middle + 1));
    }
    return found;
  }

  static std::string hex(std::string_view bytes) {
    std::string out(2 * bytes.size() + 1, '\0');
    sodium_bin2hex(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                   bytes.size());
    out.pop_back();
    return out;
  }

 private:
  static std::string unhex(const std::string& text) {
    std::string out(text.size() / 2, '\0');
    REQUIRE(sodium_hex2bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(), text.size(),
                           nullptr, nullptr, nullptr) == 0);
    return out;
  }

  int socket_;
};

}  // namespace tokenvault::test
