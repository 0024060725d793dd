#include <fmt/format.h>

#include "core/try.hpp"
#include "recipe/exchange.hpp"
#include "recipe/verbs.hpp"
#include "tokenvault/clock.hpp"

namespace tokenvault::recipe {

Result<HttpAnswer> send_call(const Task& task) {
  const auto* call = task.recipe.call(task.request.verb);
  if (call == nullptr) {
    return Error(Errc::refused, fmt::format("the recipe {} has no call for {}", task.recipe.name,
                                            to_string(task.request.verb)));
  }
  const Words words(task.request, task.credentials, system_clock().now());
  TV_TRY(const auto request, build_request(task.recipe, *call, task.request, words));
  return exchange(request);
}

}  // namespace tokenvault::recipe
