#include "recipe/credentials.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "core/try.hpp"

namespace tokenvault::recipe {

namespace {

Error other_size() {
  return Error(Errc::refused, "read the secrets on descriptor 3: not as many bytes as the request says");
}

Result<std::size_t> read_some(int fd, std::span<std::byte> into) {
  ssize_t got = 0;
  do {
    got = ::read(fd, into.data(), into.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) return Error(Errc::io, "read the secrets on descriptor 3", errno);
  return static_cast<std::size_t>(got);
}

Status fill(int fd, std::span<std::byte> into) {
  while (!into.empty()) {
    TV_TRY(const auto got, read_some(fd, into));
    if (got == 0) return other_size();
    into = into.subspan(got);
  }
  return Ok{};
}

Status want_end(int fd) {
  std::byte surplus{};
  TV_TRY(const auto got, read_some(fd, {&surplus, 1}));
  if (got != 0) return other_size();
  return Ok{};
}

}  // namespace

Result<Credentials> Credentials::read_from(int fd, std::span<const SecretSize> sizes) {
  Credentials read;
  for (const auto& [name, size] : sizes) {
    TV_TRY(auto secret, SecretBuffer::allocate(size));
    TV_CHECK(fill(fd, secret.expose_writable()));
    if (!read.secrets_.emplace(name, std::move(secret)).second) {
      return Error(Errc::refused, fmt::format("read the secrets: the request names {} twice", name));
    }
  }
  if (!sizes.empty()) TV_CHECK(want_end(fd));
  return read;
}

const SecretBuffer* Credentials::find(std::string_view name) const {
  const auto found = secrets_.find(name);
  return found == secrets_.end() ? nullptr : &found->second;
}

}  // namespace tokenvault::recipe
