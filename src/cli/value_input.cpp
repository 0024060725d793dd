#include "value_input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "descriptor.hpp"
#include "failure.hpp"
#include "prompt.hpp"
#include "secret_input.hpp"
#include "tokenvault/token_format.hpp"
#include "try.hpp"

namespace tokenvault::cli {
namespace {

Result<SecretBuffer> from_stdin(const Session& session) {
  // Two bytes more, so that a line end does not count against the value.
  TV_TRY(auto value, read_descriptor(STDIN_FILENO, kMaxSecretSize + 2));
  const auto stripped = strip_line_end(value);
  if (stripped > 0) session.notice(fmt::format("stripped the line end ({})", stripped == 1 ? "LF" : "CRLF"));
  return value;
}

Result<SecretBuffer> from_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno == ENOENT) return Error(Errc::no_key, "there is no file " + path);
  if (!file) return system_error("open " + path);
  return SecretBuffer::read_from(file.get());
}

Result<SecretBuffer> from_prompt(const Session& session) {
  TV_TRY(const auto terminal, Terminal::open(!session.settings.no_input));
  TV_TRY(auto value, terminal.ask_hidden(fmt::format("value for {} (hidden): ", session.request.operand)));
  session.notice(fmt::format("{} bytes read", value.size()));
  return value;
}

Result<SecretBuffer> from_source(const Session& session) {
  const auto& flags = session.request.value;
  if (flags.from_stdin) return from_stdin(session);
  if (flags.from_file) return from_file(*flags.from_file);
  if (flags.from_fd) return read_descriptor(*flags.from_fd, kMaxSecretSize);
  return from_prompt(session);
}

}  // namespace

bool names_source(const ValueFlags& flags) noexcept {
  return flags.from_stdin || flags.from_file || flags.from_fd;
}

Status check_size(const SecretBuffer& value) {
  if (value.empty()) return Error(Errc::refused, "the value is empty");
  if (value.size() > kMaxSecretSize) return Error(Errc::refused, "the value is longer than 32 KiB");
  return Ok{};
}

std::string_view oddity_of(const SecretBuffer& value) {
  const auto bytes = value.expose();
  if (!is_printable(bytes)) return "the value has control, space or non-ASCII bytes, which is hardly meant";
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (has_token_shape(text) && !parse_token(text))
    return "the value has the form of a token with a checksum, and the checksum does not fit: it was "
           "mistyped, cut or altered";
  return {};
}

Status check_value(const SecretBuffer& value, bool binary) {
  TV_CHECK(check_size(value));
  if (binary) return Ok{};
  const auto oddity = oddity_of(value);
  if (oddity.empty()) return Ok{};
  return Error(Errc::refused, fmt::format("{}; copy it again, or store it as it is with --binary", oddity));
}

Result<SecretBuffer> read_unseen_value(const Session& session) {
  TV_TRY(auto value, from_source(session));
  TV_CHECK(check_size(value));
  return value;
}

Result<SecretBuffer> read_value(const Session& session) {
  TV_TRY(auto value, from_source(session));
  TV_CHECK(check_value(value, session.request.value.binary));
  return value;
}

}  // namespace tokenvault::cli
