// A credential helper for git: see gitcredentials(7). It reads what git has to say and hands a token out; what
// git would have stored is left alone, and what a server refused is marked and never deleted.
#include <fmt/format.h>
#include <unistd.h>

#include "../exchange/secret_output.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "choice.hpp"
#include "git_request.hpp"
#include "handed_token.hpp"

namespace tokenvault::cli {
namespace {

/// Servers that want a token as the password take any user's name beside it, and of those that look at it the
/// largest looks for this one.
constexpr std::string_view kAnyUser = "x-access-token";

/// Empty where git wants the password of somebody else than the token is for.
std::string_view user_of(const Mapping& mapping, std::string_view asked) {
  if (mapping.user.empty()) return asked.empty() ? kAnyUser : asked;
  return asked.empty() || asked == mapping.user ? std::string_view(mapping.user) : std::string_view();
}

Status write_credential(std::string_view user, const HandedToken& token) {
  TV_TRY(auto out, SecretOutput::to(STDOUT_FILENO));
  TV_CHECK(out.put("username="));
  TV_CHECK(out.put(user));
  TV_CHECK(out.put("\npassword="));
  TV_CHECK(out.put(token.value.expose()));
  if (token.expires)
    TV_CHECK(out.put(fmt::format("\npassword_expiry_utc={}", token.expires->time_since_epoch().count())));
  TV_CHECK(out.put("\n"));
  return out.flush();
}

Status give(const Session& session, const GitRequest& asked, const Mapping& mapping) {
  const auto user = user_of(mapping, asked.value("username"));
  if (user.empty()) return Ok{};
  TV_TRY(const auto token, hand_out(session, mapping.name));
  TV_CHECK(check_no_controls(token, mapping.name));
  return write_credential(user, token);
}

/// The same answer from a store that cannot be written as from one that could: git has no use for another.
Status unless_unwritable(Status status) {
  const bool unwritable = !status && (status.error().code() == Errc::read_only ||
                                      status.error().code() == Errc::permission_denied);
  return unwritable ? Status(Ok{}) : status;
}

/// Git forgets what a server refused. It may be another helper's, or was replaced meanwhile: only the current value
/// itself is marked.
Status mark_refused(const Session& session, const GitRequest& asked, const Mapping& mapping) {
  const auto refused = asked.value("password");
  if (refused.empty()) return Ok{};
  TV_TRY(const auto given, SecretBuffer::copy_of(std::as_bytes(std::span(refused))));
  TV_TRY(auto vault, session.vault());
  const auto token = vault.info(mapping.name);
  if (!token && token.error().code() == Errc::not_found) return Ok{};
  TV_TRY(const auto info, token);
  TV_TRY(const auto value, vault.get(mapping.name, {Stage::current, info.version, true}));
  if (!equal_constant_time(value, given)) return Ok{};
  return unless_unwritable(vault.mark_suspect(mapping.name, info.version));
}

}  // namespace

Result<int> run_helper_git(const Session& session) {
  const auto& action = session.request.operand;
  if (action != "get" && action != "erase") return 0;  // `store`, and what git may come to ask
  TV_TRY(const auto mappings, mappings_of(session, "git"));
  TV_TRY(const auto asked, GitRequest::read_from(STDIN_FILENO));
  const auto server = asked.server();
  const auto* mapping = server.host.empty() ? nullptr : find_mapping(mappings, server);
  if (mapping == nullptr) return 0;
  TV_CHECK(action == "get" ? give(session, asked, *mapping) : mark_refused(session, asked, *mapping));
  return 0;
}

}  // namespace tokenvault::cli
