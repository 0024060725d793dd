#include <nlohmann/json.hpp>

#include "../gate.hpp"
#include "../json_object.hpp"
#include "routes.hpp"
#include "shape.hpp"

namespace tokenvault::orgapi {
namespace {

Answer who_am_i(Service& service, const Request& request, std::string_view) {
  auto decided = service.authorize(request, {});
  if (auto* refused = std::get_if<Answer>(&decided)) return std::move(*refused);
  const auto& grant = std::get<Grant>(decided);
  auto answer = json_answer(200, {{"id", grant.id},
                                  {"org", grant.org},
                                  {"name", grant.name},
                                  {"scopes", grant.scopes},
                                  {"expires", time_or_null(grant.expires)}});
  return with_grant(std::move(answer), grant);
}

Answer rotate(Service& service, const Request& request, std::string_view) {
  auto decided = service.authorize(request, "token:rotate");
  if (auto* refused = std::get_if<Answer>(&decided)) return std::move(*refused);
  const auto& grant = std::get<Grant>(decided);
  if (auto refused = refused_type(request)) return with_grant(*std::move(refused), grant);
  const auto body = JsonObject::parse(request.body, {"rotation", "overlap"});
  if (!body) return with_grant(problem(kBody), grant);
  auto rotation = body->text("rotation");
  const auto overlap = body->number("overlap");
  if (!rotation || !overlap) return with_grant(problem(kField), grant);
  const auto made = service.issuer().rotate(
      grant.id, {.rotation = *std::move(rotation), .overlap = std::chrono::seconds(*overlap)});
  if (!made) return with_grant(failure(made.error(), "rotate a token"), grant);
  return with_grant(token_answer(made->token, {{"id", made->grant.id},
                                               {"predecessor", grant.id},
                                               {"overlap", *overlap},
                                               {"expires", time_or_null(made->grant.expires)}}),
                    grant);
}

Answer revoke(Service& service, const Request& request, std::string_view) {
  auto decided = service.authorize(request, {});
  if (auto* refused = std::get_if<Answer>(&decided)) return std::move(*refused);
  const auto& grant = std::get<Grant>(decided);
  const auto done = service.issuer().revoke(grant.id);
  return with_grant(done ? Answer{} : failure(done.error(), "revoke a token"), grant);
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/token", who_am_i},
    {"DELETE", "/api/v1/token", revoke},
    {"POST", "/api/v1/token/rotate", rotate},
};

}  // namespace

std::span<const Route> token_routes() noexcept { return kRoutes; }

}  // namespace tokenvault::orgapi
