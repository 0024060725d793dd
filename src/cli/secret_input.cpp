#include "secret_input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "descriptor.hpp"
#include "failure.hpp"
#include "try.hpp"

extern char** environ;

namespace tokenvault::cli {
namespace {

Result<pid_t> spawn_shell(const std::string& command, int output) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  // Our SIGPIPE is ignored, which a child would inherit.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t usual;
  ::sigemptyset(&usual);
  ::sigaddset(&usual, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  char shell[] = "/bin/sh";
  char option[] = "-c";
  std::string text = command;
  char* const arguments[] = {shell, option, text.data(), nullptr};
  pid_t child = -1;
  const int error = ::posix_spawn(&child, shell, &actions, &attributes, arguments, environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return Error(Errc::io, "cannot start /bin/sh for the passphrase command", error);
  return child;
}

bool succeeded(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

Status check_own_file(int fd, const std::string& subject) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return system_error("look at " + subject);
  if (!S_ISREG(info.st_mode)) return Error(Errc::refused, subject + " is not a regular file");
  if (info.st_uid != ::geteuid() && info.st_uid != 0)
    return Error(Errc::refused, subject + " belongs to another user");
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return Error(Errc::refused, subject + " can be written by others: chmod 600 it");
  return Ok{};
}

Result<SecretBuffer> read_descriptor(int fd, std::size_t limit) {
  if (::fcntl(fd, F_GETFD) < 0) return Error(Errc::no_key, fmt::format("descriptor {} is not open", fd));
  const Descriptor owned(fd > STDERR_FILENO ? fd : -1);
  auto secret = SecretBuffer::read_from(fd, limit);
  // Nothing to read from: a writing end, or the placeholder of a standard descriptor that was closed.
  if (!secret && secret.error().os_error() == EBADF)
    return Error(Errc::no_key, fmt::format("descriptor {} is not open for reading", fd));
  return secret;
}

Result<SecretBuffer> read_passphrase_file(const std::string& path, const std::string& kind) {
  const auto subject = kind + ' ' + path;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file && errno == ENOENT) return Error(Errc::no_key, "there is no " + subject);
  if (!file && errno == ELOOP) return Error(Errc::refused, subject + " is a symbolic link");
  if (!file && errno == ENXIO) return Error(Errc::refused, subject + " is not a regular file");
  if (!file) return system_error("open " + subject);
  TV_CHECK(check_own_file(file.get(), subject));
  return SecretBuffer::read_from(file.get(), kMaxPassphraseInput);
}

Result<SecretBuffer> read_command(const std::string& command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return system_error("make a pipe");
  Descriptor output(ends[0]);
  Descriptor input(ends[1]);
  TV_TRY(const auto child, spawn_shell(command, input.get()));
  input.close();
  auto secret = SecretBuffer::read_from(output.get(), kMaxPassphraseInput);
  output.close();  // a command with more to say must not wait for us
  const bool good = succeeded(child);
  if (secret && !good) return Error(Errc::no_key, "the passphrase command failed");
  return secret;
}

std::size_t strip_line_end(SecretBuffer& secret) noexcept {
  const auto bytes = secret.expose();
  std::size_t strip = 0;
  if (!bytes.empty() && bytes.back() == std::byte{'\n'})
    strip = bytes.size() > 1 && bytes[bytes.size() - 2] == std::byte{'\r'} ? 2 : 1;
  secret.truncate(secret.size() - strip);
  return strip;
}

}  // namespace tokenvault::cli
