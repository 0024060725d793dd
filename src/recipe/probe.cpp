#include "core/try.hpp"
#include "recipe/meaning.hpp"
#include "recipe/taken.hpp"
#include "recipe/verbs.hpp"

namespace tokenvault::recipe {

namespace {

Outcome unknown(std::string_view why, std::optional<std::int64_t> retry_after) {
  nlohmann::json answer = {{"state", "unknown"}, {"message", why}};
  if (retry_after) answer["retry_after"] = *retry_after;
  return done(std::move(answer));
}

Outcome valid(const Call& call, const HttpAnswer& answer) {
  auto taken = taken_from(answer.body.view(), call);
  if (!taken) return unknown("the provider's answer lacks what the recipe takes from it", answer.retry_after);
  (*taken)["state"] = "valid";
  return done(*std::move(taken));
}

}  // namespace

Result<Outcome> probe(const Task& task) {
  TV_TRY(const auto answer, send_call(task));
  switch (meaning_of(*task.recipe.probe, answer)) {
    case Meaning::yes: return valid(*task.recipe.probe, answer);
    case Meaning::no: return done({{"state", "invalid"}});
    case Meaning::too_many:
    case Meaning::not_sent:
    case Meaning::unclear: break;
  }
  return unknown(plight_of(answer), answer.retry_after);
}

}  // namespace tokenvault::recipe
