#include "failure.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "json.hpp"
#include "output.hpp"
#include "tokenvault/token_format.hpp"

namespace tokenvault::cli {

int exit_of(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument: return kUsage;
    case Errc::no_vault: return 10;
    case Errc::unavailable: return 11;
    case Errc::wrong_key: return 12;
    case Errc::no_key: return 13;
    case Errc::not_found: return 14;
    case Errc::already_exists:
    case Errc::conflict: return 15;
    case Errc::tampered:
    case Errc::stale: return 16;
    case Errc::expired: return 17;
    case Errc::rejected: return 18;
    case Errc::unreachable:
    case Errc::in_doubt: return 19;
    case Errc::needs_human: return 20;
    case Errc::read_only:
    case Errc::refused: return 21;
    case Errc::unsupported: return 22;
    case Errc::permission_denied:
    case Errc::io:
    case Errc::out_of_memory:
    case Errc::forked:
    case Errc::internal: return 1;
  }
  return 1;
}

std::string_view hint_of(Errc code) noexcept {
  switch (code) {
    case Errc::no_vault: return "make one with `tokenvault init`, or name another with --vault URI";
    case Errc::unavailable: return "another program is at work there: try again";
    case Errc::wrong_key: return "`tokenvault status` shows which key source is used and why";
    case Errc::no_key: return "name a source of input with a flag, or run at a terminal without --no-input";
    case Errc::not_found: return "`tokenvault list` and `tokenvault history NAME` show what there is";
    case Errc::conflict: return "look at `tokenvault show NAME`, then decide again";
    case Errc::tampered: return "keep the file as it is; `tokenvault verify` names each fault";
    case Errc::stale:
      return "the store was put back to an older state: find out by whom before writing to it";
    case Errc::expired: return "store a new value with `tokenvault put`, or read this one with --expired-ok";
    case Errc::unreachable: return "see whether it runs and can be reached from here, then try again";
    case Errc::in_doubt:
      return "it may have happened: look with `tokenvault history NAME` before doing it again";
    case Errc::needs_human: return "`tokenvault rotate status NAME` says what it waits for";
    case Errc::rejected:
      return "`tokenvault rotate status NAME` tells of a rotation that is open; `tokenvault rotate NAME` "
             "begins one";
    case Errc::unsupported: return "a newer tokenvault wrote this, or this installation lacks a part of it";
    default: return {};
  }
}

int report(const Error& error, std::string_view hint, bool json) {
  return report(error, hint, json, exit_of(error.code()));
}

int report(const Error& error, std::string_view hint, bool json, int code) {
  // A token that was typed where a name belongs would be quoted as one.
  const auto message = redact_tokens(error.message());
  std::string text;
  if (json) {
    text = json_error(code, to_string(error.code()), message, hint);
  } else {
    text = fmt::format("tokenvault: {}\n", printable(message));
    if (!hint.empty()) text += fmt::format("hint: {}\n", hint);
  }
  // With stderr gone too there is nobody left to tell but the exit code.
  (void)write_all(STDERR_FILENO, text).has_value();
  return code;
}

Error system_error(std::string_view what) {
  const int error = errno;
  const auto code = error == EACCES || error == EPERM ? Errc::permission_denied : Errc::io;
  return {code, fmt::format("cannot {}: {}", what, std::generic_category().message(error)), error};
}

}  // namespace tokenvault::cli
