#include <nlohmann/json.hpp>

#include "../gate.hpp"
#include "../json_object.hpp"
#include "routes.hpp"
#include "shape.hpp"

namespace tokenvault::orgapi {
namespace {

bool is_word(std::string_view text) { return !text.empty() && text.size() <= 100; }

Answer balance(Service& service, const Request& request, std::string_view) {
  auto decided = service.authorize(request, "points:read");
  if (auto* refused = std::get_if<Answer>(&decided)) return std::move(*refused);
  const auto& grant = std::get<Grant>(decided);
  const auto account = request.argument("account").value_or("");
  if (!is_word(account)) return with_grant(problem(kField), grant);
  const nlohmann::json data{{"account", account},
                            {"xp", service.ledger().balance(account)},
                            {"ref_xp", 0},
                            {"ugc_xp", 0},
                            {"rank", 0}};
  return with_grant(json_answer(200, {{"success", true}, {"data", data}}), grant);
}

Answer reward(Service& service, const Request& request, std::string_view) {
  auto decided = service.authorize(request, "points:write");
  if (auto* refused = std::get_if<Answer>(&decided)) return std::move(*refused);
  const auto& grant = std::get<Grant>(decided);
  if (auto refused = refused_type(request)) return with_grant(*std::move(refused), grant);
  const auto body = JsonObject::parse(request.body, {"account", "xp", "id"});
  if (!body) return with_grant(problem(kBody), grant);
  const auto account = body->text("account"), id = body->text("id");
  const auto xp = body->number("xp");
  if (!is_word(account.value_or("")) || !is_word(id.value_or("")) || !xp || *xp < 1 ||
      *xp > Ledger::kMostPoints)
    return with_grant(problem(kField), grant);
  const auto now = service.ledger().reward(*account, *xp, *id);
  if (!now) return with_grant(problem(kFull), grant);
  return with_grant(json_answer(200, {{"success", true}, {"data", {{"account", *account}, {"xp", *now}}}}),
                    grant);
}

constexpr Route kRoutes[] = {
    {"GET", "/api/v1/user/balance", balance},
    {"POST", "/api/v1/user/reward", reward},
};

}  // namespace

std::span<const Route> user_routes() noexcept { return kRoutes; }

}  // namespace tokenvault::orgapi
