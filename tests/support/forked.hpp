#pragma once
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tokenvault::test {

/// What `body` returns, run in a forked child; 100 and up: it did not end by itself.
template <typename F>
int in_child(F&& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

}  // namespace tokenvault::test
