#include "core/try.hpp"
#include "recipe/condition.hpp"
#include "recipe/meaning.hpp"
#include "recipe/taken.hpp"
#include "recipe/verbs.hpp"
#include "tokenvault/clock.hpp"

namespace tokenvault::recipe {

namespace {

Outcome unknown(std::string_view why, std::optional<std::int64_t> retry_after) {
  nlohmann::json answer = {{"state", "unknown"}, {"message", why}};
  if (retry_after) answer["retry_after"] = *retry_after;
  return done(std::move(answer));
}

Outcome valid(const Call& call, const HttpAnswer& answer, std::span<const std::string> texts) {
  if (!all_hold(answer.body.view(), call.where, texts)) {
    return unknown("the provider's answer is not what the recipe says of a valid token", answer.retry_after);
  }
  auto taken = taken_from(answer.body.view(), call);
  if (!taken) return unknown("the provider's answer lacks what the recipe takes from it", answer.retry_after);
  (*taken)["state"] = "valid";
  return done(*std::move(taken));
}

}  // namespace

Result<Outcome> probe(const Task& task) {
  if (!task.recipe.probe) return Error(Errc::refused, "the recipe " + task.recipe.name + " cannot probe");
  const auto& call = *task.recipe.probe;
  const Words words(task.request, task.credentials, system_clock().now());
  TV_TRY(const auto texts, condition_texts(call.where, words));
  TV_TRY(const auto answer, send_call(task));
  switch (meaning_of(call, answer)) {
    case Meaning::yes: return valid(call, answer, texts);
    case Meaning::no: return done({{"state", "invalid"}});
    case Meaning::too_many:
    case Meaning::not_sent:
    case Meaning::unclear: break;
  }
  return unknown(plight_of(answer), answer.retry_after);
}

}  // namespace tokenvault::recipe
