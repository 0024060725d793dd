// Lines for curl: a header for `-H @-`, a configuration for `-K -`, an entry of a netrc file.
#include <fmt/format.h>
#include <unistd.h>

#include "../exchange/export_format.hpp"
#include "../exchange/json_string.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "handed_token.hpp"

namespace tokenvault::cli {
namespace {

bool is_word(std::string_view text) { return !text.empty() && is_printable(std::as_bytes(std::span(text))); }

/// A token of RFC 9110 section 5.6.2.
bool is_header_name(std::string_view text) {
  return is_word(text) && text.find_first_of("\"(),/:;<=>?@[\\]{}") == std::string_view::npos;
}

Status check_options(const Request& request) {
  const auto& flags = request.helper;
  const bool netrc = request.format == "netrc";
  if (netrc == flags.host.empty() || netrc == flags.user.empty())
    return Error(Errc::invalid_argument, "--format netrc goes with --host and --user, and they with it");
  if (netrc && (flags.header || !is_word(flags.host) || !is_word(flags.user)))
    return Error(Errc::invalid_argument, "a host, a user or a header that cannot be one");
  if (flags.header && !is_header_name(*flags.header))
    return Error(Errc::invalid_argument, "--header takes the name of a header alone");
  return Ok{};
}

/// "Authorization: Bearer ", or the name that was given and a colon.
std::string before_value(const HelperFlags& flags) {
  return flags.header ? *flags.header + ": " : "Authorization: Bearer ";
}

/// Within its quotes curl escapes as JSON does, as far as a header's characters go.
Status write_quoted(SecretOutput& out, std::string_view before, std::span<const std::byte> value) {
  TV_CHECK(out.put("header = \""));
  TV_CHECK(out.put(before));
  TV_CHECK(put_json_text(out, value));
  return out.put("\"\n");
}

Status write_line(SecretOutput& out, std::string_view before, std::span<const std::byte> value) {
  TV_CHECK(out.put(before));
  TV_CHECK(out.put(value));
  return out.put("\n");
}

Status write_netrc(SecretOutput& out, const HelperFlags& flags, std::span<const std::byte> value) {
  // Readers of such files differ in what they make of these.
  if (has_byte(value, '"') || has_byte(value, '\\') || value.front() == std::byte{'#'})
    return Error(
        Errc::refused,
        fmt::format("{} has a quote or a backslash or begins with #, which a netrc file cannot carry",
                    *flags.name));
  return write_line(out, fmt::format("machine {} login {} password ", flags.host, flags.user), value);
}

Status write(SecretOutput& out, const Request& request, std::span<const std::byte> value) {
  if (request.format == "netrc") return write_netrc(out, request.helper, value);
  if (request.format == "config") return write_quoted(out, before_value(request.helper), value);
  return write_line(out, before_value(request.helper), value);
}

}  // namespace

Result<int> run_helper_curl(const Session& session) {
  const auto& request = session.request;
  const auto& name = *request.helper.name;
  TV_CHECK(check_options(request));
  TV_TRY(const auto token, hand_out(session, name));
  TV_CHECK(check_header(token, name));
  TV_TRY(auto out, SecretOutput::to(STDOUT_FILENO));
  TV_CHECK(write(out, request, token.value.expose()));
  TV_CHECK(out.flush());
  return 0;
}

}  // namespace tokenvault::cli
