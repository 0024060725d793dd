#pragma once
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tokenvault/secret.hpp"

/// How a process whose memory is looked at speaks to the one that looks.
namespace tokenvault::test {

[[noreturn]] inline void give_up(const Error& error) {
  std::fprintf(stderr, "probe: %s\n", error.message().c_str());
  std::_Exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error());
  return *std::move(result);
}

/// A secret of known size from stdin, straight into the arena.
inline SecretBuffer frame(std::size_t size) {
  auto buffer = must(SecretBuffer::allocate(size));
  const auto room = buffer.expose_writable();
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = read(STDIN_FILENO, room.data() + done, size - done);
    if (got <= 0) std::_Exit(2);
    done += static_cast<std::size_t>(got);
  }
  return buffer;
}

/// Says on stdout how far it is, and goes on after a byte on stdin.
inline void phase(std::string_view name) {
  const Protection now = protection();
  const auto line = fmt::format("{} {} {} {} {}\n", name, to_string(now.backing), now.locked_bytes,
                                now.plain_bytes, now.os_error);
  char go = 0;
  if (write(STDOUT_FILENO, line.data(), line.size()) < 0 || read(STDIN_FILENO, &go, 1) != 1) std::_Exit(3);
}

}  // namespace tokenvault::test
