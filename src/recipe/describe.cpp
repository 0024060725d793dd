#include "core/try.hpp"
#include "recipe/target.hpp"
#include "recipe/verbs.hpp"

namespace tokenvault::recipe {

Result<Outcome> describe(const Task& task) {
  const auto& recipe = task.recipe;
  nlohmann::json answer = {
      {"tvp", 1},
      {"issue", recipe.issue},
      {"old", recipe.old},
      {"find", recipe.find.has_value()},
      {"revoke", recipe.revoke.has_value()},
      {"probe", recipe.probe.has_value()},
      {"overlap", recipe.overlap},
      {"propagation", recipe.propagation},
      {"one_previous", recipe.one_previous},
  };
  if (!recipe.steps.empty()) answer["steps"] = recipe.steps;
  if (!recipe.base.parts().empty()) {
    TV_TRY(const auto target, target_of(recipe, task.request));
    answer["origin"] = target.origin;
  }
  return done(std::move(answer));
}

}  // namespace tokenvault::recipe
