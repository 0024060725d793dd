#include "token_channel.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "failure.hpp"
#include "output.hpp"
#include "try.hpp"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

namespace tokenvault::cli {
namespace {

constexpr int kAboveThoseOfScripts = 20;

int make_file() {
  // Some systems insist on the flag, and those before 6.3 do not know it.
  const int fd = ::memfd_create("tokenvault", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
  return fd >= 0 || errno != EINVAL ? fd : ::memfd_create("tokenvault", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

Status seal(int fd) {
  constexpr int kAll = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  const bool done =
      ::fchmod(fd, S_IRUSR) == 0 && ::lseek(fd, 0, SEEK_SET) == 0 && ::fcntl(fd, F_ADD_SEALS, kAll) == 0;
  return done ? Status(Ok{}) : system_error("seal a file in memory");
}

}  // namespace

Result<Descriptor> memory_file(const SecretBuffer& value) {
  const Descriptor file(make_file());
  if (!file) return system_error("make a file in memory");
  TV_CHECK(write_secret(file.get(), value));
  TV_CHECK(seal(file.get()));
  Descriptor kept(::fcntl(file.get(), F_DUPFD, kAboveThoseOfScripts));
  if (!kept) return system_error("keep a file in memory open");
  return kept;
}

Result<int> parse_descriptor(std::string_view text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool decimal = error == std::errc() && end == text.data() + text.size() && text[0] != '0';
  if (!decimal || number <= STDERR_FILENO)
    return Error(Errc::invalid_argument, "--fd takes N=NAME, where N is a descriptor's number from 3 on");
  return number;
}

Result<Descriptor> reserve(int number) {
  if (::fcntl(number, F_GETFD) >= 0)
    return Error(Errc::invalid_argument, fmt::format("descriptor {} is open already: take another", number));
  Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing) return system_error("open /dev/null");
  if (nothing.get() == number) return nothing;
  Descriptor reserved(::dup3(nothing.get(), number, O_CLOEXEC));
  if (!reserved && errno == EBADF)
    return Error(Errc::invalid_argument,
                 fmt::format("descriptor {} is more than a process may have here", number));
  if (!reserved) return system_error("reserve a descriptor");
  return reserved;
}

Status put_into_pipe(const SecretBuffer& value, const Descriptor& reserved) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("make a pipe");
  const Descriptor reading(ends[0]);
  const Descriptor writing(ends[1]);
  // Nobody reads before the command is there. A user with many pipes gets small ones.
  const auto size = static_cast<int>(value.size());
  if (::fcntl(writing.get(), F_GETPIPE_SZ) < size && ::fcntl(writing.get(), F_SETPIPE_SZ, size) < size)
    return system_error("make a pipe that holds the value");
  TV_CHECK(write_secret(writing.get(), value));
  if (::dup2(reading.get(), reserved.get()) < 0) return system_error("hand a pipe over");
  return Ok{};
}

}  // namespace tokenvault::cli
