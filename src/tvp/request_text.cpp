#include "tvp/request_text.hpp"

#include <nlohmann/json.hpp>

namespace tokenvault::tvp {
namespace {

using Json = nlohmann::json;

Json table_of(const std::vector<NamedSecret>& secrets) {
  Json table = Json::array();
  for (const auto& [name, secret] : secrets) {
    table.push_back({{"name", name}, {"size", secret == nullptr ? 0 : secret->size()}});
  }
  return table;
}

void add_text(Json& to, const char* member, const std::string& text) {
  if (!text.empty()) to[member] = text;
}

}  // namespace

const char* to_string(Verb verb) noexcept {
  switch (verb) {
    case Verb::describe: return "describe";
    case Verb::issue: return "issue";
    case Verb::probe: return "probe";
    case Verb::revoke: return "revoke";
    case Verb::find: return "find";
  }
  return "describe";
}

std::vector<NamedSecret> secrets_of(Verb verb, const ProviderRequest& request) {
  std::vector<NamedSecret> all;
  if (verb == Verb::describe) return all;
  const bool has_token = verb == Verb::probe || verb == Verb::revoke || request.token != nullptr;
  if (has_token && verb != Verb::find) all.emplace_back("token", request.token);
  if (verb == Verb::revoke || verb == Verb::find) all.emplace_back("current", request.current);
  for (const auto& [name, secret] : request.secrets) all.emplace_back(name, secret);
  return all;
}

std::string request_text(Verb verb, const ProviderRequest& request, const std::vector<NamedSecret>& secrets) {
  Json text = {{"tvp", 1}, {"verb", to_string(verb)}};
  if (verb != Verb::describe) {
    add_text(text, "rotation", request.rotation);
    add_text(text, "name", request.name);
    if (verb != Verb::find) add_text(text, "id", request.id);
    text["tokens"] = table_of(secrets);
  }
  text["settings"] = request.settings;
  if (verb == Verb::issue) text["overlap"] = request.overlap.count();
  if (verb == Verb::issue && request.lifetime.count() > 0) text["lifetime"] = request.lifetime.count();
  // Names and settings are text; replaced rather than thrown at, should one not be.
  return text.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tokenvault::tvp
