// A credential helper for docker and those who speak as it does. What goes wrong is said on stdout too, which is what
// the protocol has them show.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "../exchange/export_format.hpp"
#include "../exchange/json_string.hpp"
#include "../json.hpp"
#include "../output.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "choice.hpp"
#include "handed_token.hpp"
#include "members.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::size_t kLongestAddress = 4096;
constexpr std::string_view kAnyUser = "token";
constexpr std::string_view kNotFound = "credentials not found in native keychain\n";

std::string_view user_of(const Mapping& mapping) { return mapping.user.empty() ? kAnyUser : mapping.user; }

std::string_view trimmed(const SecretBuffer& line) {
  const auto bytes = line.expose();
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

Status write_credential(std::string_view address, std::string_view user, const HandedToken& token) {
  TV_TRY(auto out, SecretOutput::to(STDOUT_FILENO));
  TV_CHECK(out.put("{\"ServerURL\":\""));
  TV_CHECK(put_json_text(out, address));
  TV_CHECK(out.put("\",\"Username\":\""));
  TV_CHECK(put_json_text(out, user));
  TV_CHECK(out.put("\",\"Secret\":\""));
  TV_CHECK(put_json_text(out, token.value.expose()));
  TV_CHECK(out.put("\"}\n"));
  return out.flush();
}

Result<int> get(const Session& session) {
  TV_TRY(const auto mappings, mappings_of(session, "docker"));
  TV_TRY(const auto line, SecretBuffer::read_from(STDIN_FILENO, kLongestAddress));
  const auto address = trimmed(line);
  const auto server = parse_server(address);
  if (!server) return Error(Errc::invalid_argument, "what docker asks for is no server's address");
  const auto* mapping = find_mapping(mappings, *server);
  if (mapping == nullptr) {
    TV_CHECK(print(kNotFound));
    return 1;
  }
  TV_TRY(const auto token, hand_out(session, mapping->name));
  TV_CHECK(check_no_controls(token, mapping->name));
  if (!is_utf8(token.value.expose()))
    return Error(Errc::refused, fmt::format("{} is not UTF-8, which docker needs", mapping->name));
  TV_CHECK(write_credential(address, user_of(*mapping), token));
  return 0;
}

/// `docker login` asks for a password, or `get`s the one that is here, and stores what the registry took.
Result<int> store(const Session& session) {
  TV_TRY(const auto mappings, mappings_of(session, "docker"));
  TV_TRY(auto document, SecretBuffer::read_from(STDIN_FILENO));
  SecretText address(kLongestAddress);
  SecretText secret(kMaxSecretSize);
  const std::array wanted{Member{"ServerURL", address}, Member{"Secret", secret}};
  TV_CHECK(read_members(std::move(document), "what docker stores", wanted));
  const auto server = parse_server(address.view());
  const auto* mapping = server ? find_mapping(mappings, *server) : nullptr;
  if (mapping == nullptr)
    return Error(
        Errc::refused,
        "nothing is stored for a server without a token here: `tokenvault put NAME`, and name the server in "
        "the helpers' file");
  TV_TRY(const auto vault, session.vault());
  TV_TRY(const auto value, vault.get(mapping->name, {Stage::current, 0, true}));
  if (equal_constant_time(value, secret.take())) return 0;
  return Error(Errc::refused,
               fmt::format("docker stores nothing here: `tokenvault put {}` does", mapping->name));
}

/// `docker logout` is no reason to take an organisation's token away from everybody.
Result<int> erase(const Session& session) {
  session.notice(
      "nothing was erased: take the server out of the helpers' file, or `tokenvault rm` the token");
  return 0;
}

Result<int> list(const Session& session) {
  TV_TRY(const auto mappings, mappings_of(session, "docker"));
  auto servers = nlohmann::ordered_json::object();
  for (const auto& mapping : mappings)
    if (mapping.where) servers[mapping.where->text()] = user_of(mapping);
  TV_CHECK(print(dump(servers)));
  return 0;
}

Result<int> version(const Session&) {
  TV_CHECK(print("docker-credential-tokenvault (tokenvault) v" TOKENVAULT_VERSION "\n"));
  return 0;
}

struct Action {
  std::string_view name;
  Result<int> (*run)(const Session&);
};

constexpr std::array kActions{Action{"get", get}, Action{"store", store}, Action{"erase", erase},
                              Action{"list", list}, Action{"version", version}};

Result<int> act(const Session& session) {
  const auto action = std::ranges::find(kActions, session.request.operand, &Action::name);
  if (action == kActions.end())
    return Error(Errc::invalid_argument, "docker asks for get, store, erase, list or version");
  return action->run(session);
}

}  // namespace

Result<int> run_helper_docker(const Session& session) {
  auto code = act(session);
  if (!code) (void)print("tokenvault: " + printable(code.error().message()) + '\n').has_value();
  return code;
}

}  // namespace tokenvault::cli
