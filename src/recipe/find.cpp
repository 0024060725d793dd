#include "core/try.hpp"
#include "recipe/condition.hpp"
#include "recipe/exchange.hpp"
#include "recipe/meaning.hpp"
#include "recipe/taken.hpp"
#include "recipe/verbs.hpp"
#include "tokenvault/clock.hpp"

namespace tokenvault::recipe {

namespace {

constexpr std::size_t kMaxIds = 20;

/// Nothing where the list is not there, or an element that matches has no id.
std::optional<std::vector<std::string>> ids_in(std::string_view body, const Call& call,
                                               const std::vector<std::string>& wanted) {
  const auto list = is_json(body) ? find_json(body, *call.list) : std::nullopt;
  const auto elements = list ? json_elements(*list) : std::nullopt;
  if (!elements) return std::nullopt;
  std::vector<std::string> ids;
  for (const auto element : *elements) {
    if (!all_hold(element, call.where, wanted)) continue;
    const auto written = find_json(element, *call.id);
    auto id = written ? scalar_text(*written) : std::nullopt;
    if (!id || ids.size() == kMaxIds) return std::nullopt;
    ids.push_back(*std::move(id));
  }
  return ids;
}

}  // namespace

Result<Outcome> find(const Task& task) {
  if (task.recipe.find == std::nullopt)
    return Error(Errc::refused, "the recipe " + task.recipe.name + " cannot find tokens");
  const Words words(task.request, task.credentials, system_clock().now());
  TV_TRY(const auto wanted, condition_texts(task.recipe.find->where, words));
  TV_TRY(const auto answer, send_call(task));
  if (auto ended = unless_yes(*task.recipe.find, answer)) return *std::move(ended);
  const auto ids = ids_in(answer.body.view(), *task.recipe.find, wanted);
  if (!ids) return in_doubt("the provider's answer has no list of tokens where the recipe says");
  return done({{"ids", *ids}});
}

}  // namespace tokenvault::recipe
