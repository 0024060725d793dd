// What programs tell their credential helpers, and the helpers' file: the first byte says which.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/git_model.hpp"
#include "cli/mutator.hpp"
#include "helper/exec_info.hpp"
#include "helper/git_request.hpp"
#include "helper/mapping.hpp"
#include "helper/members.hpp"
#include "target.hpp"
#include "tokenvault/name.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;
using namespace tokenvault::cli;

namespace {

constexpr std::string_view kMarker = "S3CRETmarker";

/// A refusal repeats nothing of what it was told.
void check_refusal(const Error& error) {
  check_error(error, {Errc::invalid_argument, Errc::unsupported});
  must(error.message().find(kMarker) == std::string::npos, "a refusal repeats no secret");
}

void check_git(const std::string& text) {
  static const Feed feed;
  const auto request = GitRequest::read_from(feed.of(text));
  const auto model = git_model(text);
  if (!request) {
    must(!model || text.size() >= kMaxSecretSize, "what has lines KEY=VALUE alone is read");
    return check_refusal(request.error());
  }
  must(model.has_value(), "what is read has lines KEY=VALUE alone");
  for (const auto key : {"protocol", "host", "path", "username", "password", "pass", ""}) {
    const auto found = model->find(key);
    must(request->value(key) == (found == model->end() ? "" : found->second), "of two the last counts");
  }
}

void check_mapping(const Mapping& mapping) {
  must(check_name(mapping.name).has_value(), "a token has a name");
  must(mapping.user.empty() || is_user(mapping.user), "a user has a name");
  auto server = parse_server(mapping.where->text());
  must(server.has_value(), "where a token is for is a server");
  must(mapping.where->fit(*server).has_value(), "a token is for the server that is named");
  const auto other = std::string(server->host) + "x";
  server->host = other;
  must(!mapping.where->fit(*server), "and for no other");
}

void check_mappings(const std::string& text) {
  for (const auto helper : {"docker", "git"}) {
    const auto mappings = parse_mappings(text, helper);
    if (!mappings) {
      must(mappings.error().message().starts_with("line "), "a fault has a place");
      check_refusal(mappings.error());
      continue;
    }
    for (const auto& mapping : *mappings) check_mapping(mapping);
  }
}

void check_exec_info(const std::string& text) {
  const auto version = api_version_of(text);
  if (!version) return check_refusal(version.error());
  const auto document = nlohmann::json::parse(text, nullptr, false);
  must(!document.is_discarded() && document.value("apiVersion", "") == *version &&
           document.value("kind", "") == "ExecCredential",
       "the version is what was asked for");
}

/// Nothing where it holds a number that a parser has no room for, which is no fault of JSON's.
std::optional<nlohmann::json> parsed(std::string_view text) {
  try {
    return nlohmann::json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::out_of_range&) {
    return std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return nlohmann::json(nlohmann::json::value_t::discarded);
  }
}

void check_members(const std::string& text) {
  if (text.size() > kMaxSecretSize) return;
  SecretText id(64);
  SecretText secret(kMaxSecretSize);
  const std::array wanted{Member{"AccessKeyId", id}, Member{"SecretAccessKey", secret}};
  const auto done = read_members(secret_of(text), "the document", wanted);
  if (!done) return check_refusal(done.error());
  const std::size_t from = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const auto document = parsed(std::string_view(text).substr(from));
  if (!document) return;
  must(!document->is_discarded(), "what is read is JSON");
  must(document->value("AccessKeyId", "") == id.view() &&
           document->value("SecretAccessKey", "") == secret.view(),
       "members are what a parser reads");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(text_of(data + 1, size - 1));
  switch (data[0] % 4) {
    case 0: check_git(text); break;
    case 1: check_mappings(text); break;
    case 2: check_exec_info(text); break;
    default: check_members(text);
  }
  check_memory();
  return 0;
}
