#include <fmt/format.h>
#include <sys/random.h>

#include <nlohmann/json.hpp>

#include "../gate.hpp"
#include "../json_object.hpp"
#include "routes.hpp"
#include "shape.hpp"
#include "tokenvault/time_text.hpp"

namespace tokenvault::orgapi {
namespace {

constexpr std::chrono::hours kFirstUseWithin{24};  // a person carries the token by hand

std::optional<Answer> refused_session(Service& service, const Request& request) {
  const auto id = request.cookie(service.cookie_name());
  if (id && service.sessions().renew(*id)) return std::nullopt;
  return problem(kNoSession, "WWW-Authenticate", R"(Session realm="orgapi admin")");
}

/// A change: from our own page, by who is logged in.
std::optional<Answer> refused_change(Service& service, const Request& request) {
  if (auto refused = refused_origin(request, service.port())) return refused;
  return refused_session(service, request);
}

Answer with_cookie(Answer answer, const Service& service, std::string_view value, std::string_view more) {
  answer.headers.emplace_back("Set-Cookie", fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/admin{}",
                                                        service.cookie_name(), value, more));
  return answer;
}

Answer log_in(Service& service, const Request& request, std::string_view) {
  if (auto refused = refused_origin(request, service.port())) return *std::move(refused);
  if (auto refused = refused_type(request)) return *std::move(refused);
  const auto body = JsonObject::parse(request.body, {"password"});
  if (!body) return problem(kBody);
  const auto password = body->text("password");
  if (!password) return problem(kField);
  auto begun = service.log_in(request.peer, *password);
  if (auto* refused = std::get_if<Answer>(&begun)) return std::move(*refused);
  return with_cookie({}, service, std::get<std::string>(begun), "");
}

Answer log_out(Service& service, const Request& request, std::string_view) {
  if (auto refused = refused_origin(request, service.port())) return *std::move(refused);
  if (const auto id = request.cookie(service.cookie_name())) service.sessions().end(*id);
  return with_cookie({}, service, "", "; Max-Age=0");
}

nlohmann::json row_of(const TokenRow& row, std::string_view prefix) {
  const auto word_or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::json() : nlohmann::json(text);
  };
  const auto& grant = row.grant;
  return {{"id", grant.id},
          {"shown", shown_token(prefix, grant.id)},
          {"lineage", grant.lineage},
          {"name", grant.name},
          {"scopes", grant.scopes},
          {"created", to_rfc3339(row.created)},
          {"expires", time_or_null(grant.expires)},
          {"first_used", time_or_null(row.first_used)},
          {"last_used", time_or_null(row.last_used)},
          {"refused", time_or_null(row.refused)},
          {"revoked", time_or_null(row.revoked)},
          {"state", to_string(row.state)},
          {"predecessor", word_or_null(row.predecessor)},
          {"successor", word_or_null(row.successor)}};
}

Answer list(Service& service, const Request& request, std::string_view) {
  if (auto refused = refused_session(service, request)) return *std::move(refused);
  const auto& [org, prefix, unused] = service.options();
  const auto rows = service.issuer().list(org);
  if (!rows) return failure(rows.error(), "list the tokens");
  auto tokens = nlohmann::json::array();
  for (const auto& row : *rows) tokens.push_back(row_of(row, prefix));
  return json_answer(200, {{"org", org},
                           {"prefix", prefix},
                           {"scopes", {"points:read", "points:write", "token:rotate"}},
                           {"tokens", std::move(tokens)}});
}

nlohmann::json made_of(const Grant& grant, std::string_view prefix) {
  return {{"id", grant.id},
          {"shown", shown_token(prefix, grant.id)},
          {"name", grant.name},
          {"scopes", grant.scopes},
          {"expires", time_or_null(grant.expires)}};
}

Answer generate(Service& service, const Request& request, std::string_view) {
  if (auto refused = refused_change(service, request)) return *std::move(refused);
  if (auto refused = refused_type(request)) return *std::move(refused);
  const auto body = JsonObject::parse(request.body, {"name", "scopes", "expires"});
  if (!body) return problem(kBody);
  auto name = body->text("name"), scopes = body->text("scopes");
  const auto end = body->text("expires");
  const auto expires = end ? parse_rfc3339(*end) : std::nullopt;
  if (!name || !scopes || (!expires && !body->is_null("expires"))) return problem(kField);
  const auto made = service.issuer().issue({.org = service.options().org,
                                            .name = *std::move(name),
                                            .scopes = *std::move(scopes),
                                            .expires = expires});
  if (!made) return failure(made.error(), "make a token");
  auto answer = token_answer(made->token, made_of(made->grant, service.options().prefix));
  answer.token_id = made->grant.id;
  return answer;
}

/// A rotation that a person begins is never repeated by a machine: it has a name of its own.
std::optional<std::string> rotation_name() {
  std::array<unsigned char, 16> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return std::nullopt;
  return fmt::format("admin-{:02x}", fmt::join(random, ""));
}

Answer rotate(Service& service, const Request& request, std::string_view id) {
  if (auto refused = refused_change(service, request)) return *std::move(refused);
  if (auto refused = refused_type(request)) return *std::move(refused);
  const auto body = JsonObject::parse(request.body, {"overlap"});
  if (!body) return problem(kBody);
  const auto overlap = body->number("overlap");
  auto rotation = rotation_name();
  if (!overlap) return problem(kField);
  if (!rotation) return problem(kInternal);
  const auto made = service.issuer().rotate(id, {.rotation = *std::move(rotation),
                                                 .overlap = std::chrono::seconds(*overlap),
                                                 .first_use_within = kFirstUseWithin});
  if (!made) return failure(made.error(), "rotate a token");
  auto shape = made_of(made->grant, service.options().prefix);
  shape["predecessor"] = id;
  auto answer = token_answer(made->token, shape);
  answer.token_id = made->grant.id;
  return answer;
}

Answer revoke(Service& service, const Request& request, std::string_view id) {
  if (auto refused = refused_change(service, request)) return *std::move(refused);
  // A word that is mistyped must not leave the rest of the lineage alive.
  const bool lineage = !request.query.empty();
  if (lineage && request.query != std::vector{Field("lineage", "1")}) return problem(kField);
  const auto done = lineage ? service.issuer().revoke_lineage(id) : service.issuer().revoke(id);
  return done ? Answer{} : failure(done.error(), "revoke a token");
}

constexpr Route kRoutes[] = {
    {"POST", "/admin/session", log_in},       {"DELETE", "/admin/session", log_out},
    {"GET", "/admin/tokens", list},           {"POST", "/admin/tokens", generate},
    {"DELETE", "/admin/tokens/{id}", revoke}, {"POST", "/admin/tokens/{id}/rotate", rotate},
};

}  // namespace

std::span<const Route> admin_routes() noexcept { return kRoutes; }

}  // namespace tokenvault::orgapi
