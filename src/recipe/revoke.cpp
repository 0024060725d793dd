#include "core/try.hpp"
#include "recipe/meaning.hpp"
#include "recipe/verbs.hpp"

namespace tokenvault::recipe {

Result<Outcome> revoke(const Task& task) {
  TV_TRY(const auto answer, send_call(task));
  if (auto ended = unless_yes(*task.recipe.revoke, answer)) return *std::move(ended);
  return done({{"state", "gone"}});
}

}  // namespace tokenvault::recipe
