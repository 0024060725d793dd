#include "core/try.hpp"
#include "recipe/meaning.hpp"
#include "recipe/verbs.hpp"

namespace tokenvault::recipe {

Result<Outcome> revoke(const Task& task) {
  TV_TRY(const auto answer, send_call(task));
  switch (meaning_of(*task.recipe.revoke, answer)) {
    case Meaning::yes: return done({{"state", "gone"}});
    case Meaning::no:
    case Meaning::too_many:
    case Meaning::not_sent: return refused(plight_of(answer), answer.retry_after);
    case Meaning::unclear: break;
  }
  return in_doubt(plight_of(answer));
}

}  // namespace tokenvault::recipe
