#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "json.hpp"
#include "output.hpp"
#include "time_text.hpp"
#include "try.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

Pick pick_of(const Request& request) {
  return {request.previous ? Stage::previous : Stage::current, request.version.value_or(0),
          request.expired_ok};
}

/// base64_encode takes 24 KiB at a time, which is a multiple of 3: pieces join without padding.
Status write_base64(const SecretBuffer& value) {
  constexpr std::size_t kPiece = 24 * 1024;
  for (auto rest = value.expose(); !rest.empty();) {
    const auto size = std::min(rest.size(), kPiece);
    TV_TRY(const auto piece, SecretBuffer::copy_of(rest.first(size)));
    TV_TRY(const auto text, base64_encode(piece));
    TV_CHECK(write_secret(STDOUT_FILENO, text));
    rest = rest.subspan(size);
  }
  return Ok{};
}

Result<VersionInfo> find_version(const TokenInfo& token, const Pick& pick) {
  const auto wanted = [&](const VersionInfo& version) {
    return pick.number != 0 ? version.number == pick.number : version.stage == pick.stage;
  };
  const auto found = std::ranges::find_if(token.versions, wanted);
  if (found == token.versions.end())
    return Error(Errc::not_found, "there is no such version of " + token.name);
  return *found;
}

/// Metadata and value are of one and the same version, whatever others write meanwhile.
Result<int> get_json(const Vault& vault, const Session& session) {
  const auto& name = session.request.operand;
  TV_TRY(const auto token, vault.info(name));
  auto pick = pick_of(session.request);
  TV_TRY(const auto version, find_version(token, pick));
  if (!session.request.reveal) {
    if (!pick.expired_ok && version.expires && *version.expires <= system_clock().now())
      return Error(Errc::expired, fmt::format("{} expired at {}", name, to_rfc3339(*version.expires)));
    TV_CHECK(print(json_version(name, version)));
    return 0;
  }
  pick.number = version.number;
  TV_TRY(const auto value, vault.get(name, pick));
  TV_CHECK(print(json_version_before_value(name, version)));
  TV_CHECK(write_base64(value));
  TV_CHECK(print("\"}\n"));
  return 0;
}

}  // namespace

Result<int> run_get(const Session& session) {
  const auto& request = session.request;
  TV_CHECK(check_name(request.operand));
  TV_TRY(auto place, session.place());
  const bool terminal = ::isatty(STDOUT_FILENO) != 0;
  if (terminal && !request.reveal && !request.json)
    return Error(Errc::refused, "standard output is a terminal: show the value there with --reveal");
  TV_TRY(const auto vault, session.vault(std::move(place)));
  if (request.json) return get_json(vault, session);
  TV_TRY(const auto value, vault.get(request.operand, pick_of(request)));
  TV_CHECK(write_secret(STDOUT_FILENO, value));
  if (terminal) TV_CHECK(print("\n"));
  return 0;
}

}  // namespace tokenvault::cli
