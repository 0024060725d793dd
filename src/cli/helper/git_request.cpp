#include "git_request.hpp"

#include <algorithm>

#include "../exchange/text_source.hpp"
#include "../try.hpp"

namespace tokenvault::cli {
namespace {

Error malformed(const char* what) { return {Errc::invalid_argument, what}; }

/// One line with its end appended to `lines`; whether there was one that is not empty.
Result<bool> read_line(TextSource& source, SecretText& lines) {
  const auto before = lines.size();
  for (int byte = source.take(); byte != '\n' && byte != TextSource::kEnd; byte = source.take()) {
    if (byte == '\0') return malformed("a line of what git asks has a NUL byte");
    if (byte == '\r') return malformed("a line of what git asks has a carriage return");
    if (lines.full()) return malformed("what git asks is longer than 32 KiB");
    TV_CHECK(lines.append(byte));
  }
  TV_CHECK(source.status());
  const auto line = lines.view().substr(before);
  if (line.empty()) return false;
  const auto equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return malformed("a line of what git asks is no KEY=VALUE");
  if (lines.full()) return malformed("what git asks is longer than 32 KiB");
  TV_CHECK(lines.append('\n'));
  return true;
}

}  // namespace

Result<GitRequest> GitRequest::read_from(int fd) {
  TextSource source(fd);
  SecretText lines(kMaxSecretSize);
  for (bool more = true; more;) {
    TV_TRY(more, read_line(source, lines));
  }
  return GitRequest(std::move(lines));
}

std::string_view GitRequest::value(std::string_view key) const noexcept {
  std::string_view found;
  for (auto rest = lines_.view(); !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    if (line.starts_with(key) && line.substr(key.size()).starts_with('='))
      found = line.substr(key.size() + 1);
  }
  return found;
}

}  // namespace tokenvault::cli
