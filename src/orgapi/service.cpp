#include "service.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gate.hpp"
#include "log.hpp"
#include "password.hpp"
#include "routes/routes.hpp"

namespace tokenvault::orgapi {
namespace {

constexpr std::size_t kLogIns = 5;  // wrong ones a minute

/// Whether `path` is one of `pattern`, whose `{id}`, if it has one, is left in `id`.
bool matches(std::string_view pattern, std::string_view path, std::string_view& id) {
  constexpr std::string_view kId = "{id}";
  const auto at = pattern.find(kId);
  if (at == std::string_view::npos) return pattern == path;
  const auto head = pattern.substr(0, at), tail = pattern.substr(at + kId.size());
  if (!path.starts_with(head)) return false;
  path.remove_prefix(head.size());
  id = path.substr(0, path.find('/'));
  return !id.empty() && path.substr(id.size()) == tail;
}

/// The public part of the token in an Authorization field; empty where there is none.
std::string_view presented_id(std::string_view field) {
  const auto parts = parse_token(field.substr(field.find_last_of(' ') + 1));
  return parts ? parts->id : std::string_view();
}

/// Where a person who types an address meant to go. Constants: nothing of the request gets into a Location.
std::string_view meant_by(std::string_view path) {
  if (path == "/" || path == "/admin/") return "/admin";
  return path == "/api-docs" ? "/api-docs/" : "";
}

Answer wrong_method(std::string allowed) {
  return problem(kMethod, "Allow", allowed.find("GET") == std::string::npos ? allowed : allowed + ", HEAD");
}

Answer routed(Service& service, const Request& request) {
  // The server leaves out what a HEAD does not get.
  const auto method = request.method == "HEAD" ? "GET" : request.method;
  std::string allowed;
  for (const auto routes : {token_routes(), user_routes(), admin_routes()}) {
    for (const auto& route : routes) {
      std::string_view id;
      if (!matches(route.path, request.path, id)) continue;
      if (route.method == method) return route.serve(service, request, id);
      allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
    }
  }
  const auto asset = std::ranges::find(assets(), request.path, &Asset::path);
  if (asset != assets().end()) return method == "GET" ? asset_answer(*asset) : wrong_method("GET");
  if (const auto meant = meant_by(request.path); !meant.empty())
    return method == "GET" ? Answer{.status = 308, .headers = {{"Location", std::string(meant)}}}
                           : wrong_method("GET");
  return allowed.empty() ? problem(kNotFound) : wrong_method(std::move(allowed));
}

}  // namespace

Service::Service(Issuer issuer, SecretBuffer password, ServiceOptions options, const Clock& clock)
    : issuer_(std::move(issuer)),
      password_(std::move(password)),
      options_(std::move(options)),
      sessions_(clock),
      refused_(options_.refusals, clock),
      log_ins_(kLogIns, clock) {}

std::optional<Answer> Service::refuse(const Request& request, bool hides_bytes) const {
  auto refused = refused_at_the_gate(request, hides_bytes, port_);
  if (refused) add_security_headers(*refused);
  return refused;
}

Answer Service::answer(const Request& request) {
  auto answer = routed(*this, request);
  add_security_headers(answer);
  return answer;
}

// Cookies know no ports: two services of one machine would end each other's sessions.
std::string Service::cookie_name() const { return fmt::format("orgapi_{}", port()); }

std::variant<Grant, Answer> Service::authorize(const Request& request, std::string_view scope) {
  const auto fields = request.all("Authorization");
  auto decision = issuer_.authorize(fields, scope);
  if (!decision) return failure(decision.error(), "authorize a request");
  if (auto* grant = std::get_if<Grant>(&*decision)) return std::move(*grant);
  const auto why = std::get<Refusal>(*decision);
  const auto id = fields.size() == 1 ? presented_id(fields[0]) : std::string_view();
  // A guess counts against its peer. Who holds the secret of a dead token guesses nothing: that counts against the
  // token, so that one client left behind does not hide from others why theirs was refused.
  const bool dead = why == Refusal::expired || why == Refusal::revoked;
  const bool guess = why == Refusal::malformed || why == Refusal::unknown;
  auto answer = dead || guess ? refused_token(dead ? id : request.peer, why, scope) : refusal(why, scope);
  answer.token_id = id;
  return answer;
}

Answer Service::refused_token(std::string_view who, Refusal why, std::string_view scope) {
  if (const auto wait = refused_.wait(who); wait.count() > 0)
    return problem(kThrottled, "Retry-After", std::to_string(wait.count()));
  refused_.count(who);
  return refusal(why, scope);
}

std::variant<std::string, Answer> Service::log_in(std::string_view peer, std::string_view password) {
  const std::scoped_lock one_at_a_time(one_password_);
  if (const auto wait = log_ins_.wait(peer); wait.count() > 0)
    return problem(kThrottled, "Retry-After", std::to_string(wait.count()));
  if (is_password(password, password_)) return sessions_.begin();
  log_ins_.count(peer);
  return problem(kWrongPassword, "WWW-Authenticate", R"(Session realm="orgapi admin")");
}

}  // namespace tokenvault::orgapi
