#include "output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "failure.hpp"

namespace tokenvault::cli {
namespace {

Status write_bytes(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const auto sent = ::write(fd, data, size);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return system_error(fd == STDOUT_FILENO ? "write to standard output" : "write");
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return Ok{};
}

std::size_t display_width(std::string_view text) {
  // Continuation bytes take no column; wide scripts are off by one, which a table survives.
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Status write_all(int fd, std::string_view text) { return write_bytes(fd, text.data(), text.size()); }

Status write_secret(int fd, const SecretBuffer& secret) {
  const auto bytes = secret.expose();
  if (bytes.size() != secret.size()) return Error(Errc::forked, "a secret does not cross fork()");
  return write_bytes(fd, reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Status print(std::string_view text) { return write_all(STDOUT_FILENO, text); }

std::string printable(std::string_view text) {
  std::string clean(text);
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const auto byte = static_cast<unsigned char>(clean[i]);
    const bool c1 = byte == 0xC2 && i + 1 < clean.size() && static_cast<unsigned char>(clean[i + 1]) < 0xA0;
    if (c1) clean[i] = clean[i + 1] = '?';
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) clean[i] = '?';
  }
  return clean;
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += printable(row[i]);
      line.append(widths[i] - display_width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace tokenvault::cli
