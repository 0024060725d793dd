// Descriptors that a host has closed, and what a parser of a host would have to go down into.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>

#include "core/file.hpp"
#include "core/json_depth.hpp"
#include "support/forked.hpp"

namespace tokenvault::test {
namespace {

/// While it lives, no descriptor from `most` on can be had.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit fewer{most, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &fewer);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST_CASE("a file of ours is none of the standard descriptors, also where those are free") {
  CHECK(in_child([] {
          ::close(STDIN_FILENO);
          const File file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
          if (file.get() <= STDERR_FILENO || is_open(STDIN_FILENO)) return 1;
          return (::fcntl(file.get(), F_GETFD) & FD_CLOEXEC) != 0 ? 0 : 2;
        }) == 0);
}

TEST_CASE("where none but a standard descriptor is left there is no file, and errno says why") {
  CHECK(in_child([] {
          ::close(STDIN_FILENO);
          const FewDescriptors few(STDERR_FILENO + 1);
          errno = 0;
          const File file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
          return !file && errno != 0 && !is_open(STDIN_FILENO) ? 0 : 1;
        }) == 0);
}

TEST_CASE("each standard descriptor that is closed leads nowhere afterwards, or it is said that it cannot") {
  for (unsigned closed = 0; closed < 8; ++closed)
    CHECK(in_child([&] {
            for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
              if ((closed >> fd & 1U) != 0) ::close(fd);
            {
              const FewDescriptors none(0);
              const auto went = fill_standard_descriptors();
              if (went.has_value() != (closed == 0)) return 1;
              if (!went && (went.error().code() != Errc::io || went.error().os_error() != EMFILE)) return 2;
            }
            if (!fill_standard_descriptors()) return 3;
            return is_open(STDIN_FILENO) && is_open(STDOUT_FILENO) && is_open(STDERR_FILENO) ? 0 : 4;
          }) == 0);
}

TEST_CASE("who asks for a value where there is an error is thrown its message") {
  CHECK(Result<int>(7).value() == 7);
  CHECK_THROWS_WITH_AS(static_cast<void>(Result<int>(Error(Errc::io, "the disk is gone")).value()),
                       "the disk is gone", std::runtime_error);
}

TEST_CASE("brackets within words do not count, whatever ends them") {
  CHECK(is_shallow(R"({"a": [1, [2]]})", 3));
  CHECK_FALSE(is_shallow(R"({"a": [1, [2]]})", 2));
  CHECK(is_shallow(R"(["[[[", "\"[[[", "\\", []])", 2));
  CHECK_FALSE(is_shallow(R"(["\\", [[]]])", 2));
  CHECK(is_shallow("[][][]{}", 1));
}

}  // namespace
}  // namespace tokenvault::test
