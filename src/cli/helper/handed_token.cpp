#include "handed_token.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "../try.hpp"

namespace tokenvault::cli {

Result<HandedToken> hand_out(const Session& session, std::string_view name) {
  const auto& request = session.request;
  TV_CHECK(check_name(name));
  if (!request.reveal && ::isatty(STDOUT_FILENO) != 0)
    return Error(Errc::refused,
                 "standard output is a terminal: a program has to read it, or show the value with --reveal");
  TV_TRY(const auto vault, session.vault());
  TV_TRY(const auto token, vault.info(name));
  HandedToken handed;
  // Pinned, so that value and expiry are of one version; 0 is none, which get() says best.
  TV_TRY(handed.value, vault.get(name, {Stage::current, token.version, request.expired_ok}));
  if (token.expires && *token.expires > system_clock().now()) handed.expires = token.expires;
  return handed;
}

Status check_no_controls(const HandedToken& token, std::string_view name) {
  const bool any = std::ranges::any_of(
      token.value.expose(), [](std::byte byte) { return byte < std::byte{0x20} || byte == std::byte{0x7F}; });
  if (any)
    return Error(Errc::refused, fmt::format("{} has a control character, which cannot be handed on", name));
  return Ok{};
}

Status check_header(const HandedToken& token, std::string_view name) {
  if (is_printable(token.value.expose())) return Ok{};
  return Error(Errc::refused,
               fmt::format("{} has control, space or non-ASCII bytes, which a header cannot carry", name));
}

}  // namespace tokenvault::cli
