// What a `credential_process` of the AWS command line and SDKs prints.
#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "../exchange/json_string.hpp"
#include "../exchange/secret_text.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "handed_token.hpp"
#include "members.hpp"
#include "tokenvault/time_text.hpp"

namespace tokenvault::cli {
namespace {

struct Keys {
  SecretText id{kMaxSecretSize};
  SecretText secret{kMaxSecretSize};
  SecretText session{kMaxSecretSize};
};

/// The token is the JSON that AWS gives such keys in, as far as it is needed.
Result<Keys> keys_in(SecretBuffer value, std::string_view name) {
  Keys keys;
  const std::array wanted{Member{"AccessKeyId", keys.id}, Member{"SecretAccessKey", keys.secret},
                          Member{"SessionToken", keys.session}};
  const auto read = read_members(std::move(value), fmt::format("the value of {}", name), wanted);
  // What is stored is wrong, not what was typed.
  if (!read && read.error().code() == Errc::invalid_argument)
    return Error(Errc::refused,
                 read.error().message() +
                     ": it is an object with AccessKeyId and SecretAccessKey, or the secret key "
                     "alone beside --access-key-id");
  TV_CHECK(read);
  if (keys.id.size() == 0 || keys.secret.size() == 0)
    return Error(Errc::refused, fmt::format("the value of {} lacks AccessKeyId or SecretAccessKey", name));
  return keys;
}

Status put_member(SecretOutput& out, std::string_view name, std::string_view value) {
  TV_CHECK(out.put(fmt::format(",\"{}\":\"", name)));
  TV_CHECK(put_json_text(out, value));
  return out.put("\"");
}

Status write_keys(std::string_view id, std::string_view secret, std::string_view session,
                  const std::optional<Time>& expires) {
  TV_TRY(auto out, SecretOutput::to(STDOUT_FILENO));
  TV_CHECK(out.put("{\"Version\":1"));
  TV_CHECK(put_member(out, "AccessKeyId", id));
  TV_CHECK(put_member(out, "SecretAccessKey", secret));
  if (!session.empty()) TV_CHECK(put_member(out, "SessionToken", session));
  if (expires) TV_CHECK(put_member(out, "Expiration", to_rfc3339(*expires)));
  TV_CHECK(out.put("}\n"));
  return out.flush();
}

}  // namespace

Result<int> run_helper_aws(const Session& session) {
  const auto& flags = session.request.helper;
  const auto& id = flags.access_key_id;
  if (id && (id->empty() || !is_printable(std::as_bytes(std::span(*id)))))
    return Error(Errc::invalid_argument, "--access-key-id has a character that no such id has");
  TV_TRY(auto token, hand_out(session, *flags.name));
  if (id) {
    TV_CHECK(check_header(token, *flags.name));
    const auto bytes = token.value.expose();
    TV_CHECK(write_keys(*id, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, {}, token.expires));
    return 0;
  }
  TV_TRY(const auto keys, keys_in(std::move(token.value), *flags.name));
  TV_CHECK(write_keys(keys.id.view(), keys.secret.view(), keys.session.view(), token.expires));
  return 0;
}

}  // namespace tokenvault::cli
