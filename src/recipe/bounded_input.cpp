#include "recipe/bounded_input.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace tokenvault::recipe {

Result<std::string> read_all(int fd, std::string_view what) {
  std::string text(kMaxDocument + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error(Errc::io, fmt::format("read {}: cannot be read", what), errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxDocument) return Error(Errc::refused, fmt::format("read {}: more than 64 KiB", what));
  text.resize(size);
  return text;
}

}  // namespace tokenvault::recipe
