// One call through the exec carrier, for tests in other languages. Arguments: program, verb. Its input are lines
// `member=value` of the request, secrets among them; its output lines of the answer, with the token in `kept`.
#include <fmt/format.h>

#include <iostream>
#include <map>
#include <string>

#include "tokenvault/exec_provider.hpp"

using namespace tokenvault;

namespace {

struct Request {
  std::map<std::string, std::string> given;
  SecretBuffer token, current;
  ProviderRequest request;
};

void read(Request& to) {
  for (std::string line; std::getline(std::cin, line);) {
    const auto equals = line.find('=');
    to.given[line.substr(0, equals)] = line.substr(equals + 1);
  }
  const auto secret = [&](const char* name, SecretBuffer& into) -> const SecretBuffer* {
    if (!to.given.contains(name)) return nullptr;
    into = SecretBuffer::copy_of(std::as_bytes(std::span(to.given[name]))).value();
    return &into;
  };
  to.request.token = secret("token", to.token);
  to.request.current = secret("current", to.current);
  to.request.rotation = to.given["rotation"];
  to.request.id = to.given["id"];
  to.request.name = "acme/claimr";
  to.request.settings = {{"url", to.given["url"]}};
  to.request.lifetime = std::chrono::seconds(7776000);
}

void say(const char* member, std::string_view value) { fmt::print("{}={}\n", member, value); }

std::string_view word(Reply reply) {
  return reply == Reply::done ? "done" : reply == Reply::refused ? "refused" : "doubt";
}

template <typename Answer>
void report(const Answer& answer) {
  if constexpr (requires { answer.reply; }) say("reply", word(answer.reply));
  if constexpr (requires { answer.state; }) say("state", to_string(answer.state));
  if constexpr (requires { answer.id; }) say("id", answer.id);
  if constexpr (requires { answer.owner; }) say("owner", answer.owner);
  if constexpr (requires { answer.expires; })
    say("expires", answer.expires ? std::to_string(answer.expires->time_since_epoch().count()) : "");
  if constexpr (requires { answer.retry_after; })
    say("retry_after", answer.retry_after ? std::to_string(answer.retry_after->count()) : "");
  if constexpr (requires { answer.ids; }) {
    for (const auto& id : answer.ids) say("ids", id);
  }
  say("message", answer.message);
}

void report(const ProviderCapabilities& all) {
  fmt::print("issue={}\nold={}\nfind={}\nrevoke={}\nprobe={}\n", static_cast<int>(all.issue),
             static_cast<int>(all.old), all.find, all.revoke, all.probe);
}

template <typename Answer>
int show(const Result<Answer>& answer) {
  if (answer) return report(*answer), 0;
  say("error", fmt::format("{}: {}", to_string(answer.error().code()), answer.error().message()));
  return 1;
}

Status print_token(SecretBuffer value) {
  const auto bytes = value.expose();
  say("kept", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return Ok{};
}

int call(Provider& provider, std::string_view verb, const ProviderRequest& request) {
  if (verb == "describe") return show(provider.describe());
  if (verb == "issue") return show(provider.issue(request, print_token));
  if (verb == "probe") return show(provider.probe(request));
  if (verb == "revoke") return show(provider.revoke(request));
  return show(provider.find(request));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  Request request;
  read(request);
  auto provider = open_exec_provider(argv[1]);
  if (!provider) return say("error", provider.error().message()), 1;
  return call(**provider, argv[2], request.request);
}
