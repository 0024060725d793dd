#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

const JsonPointer* Call::taking(std::string_view name) const noexcept {
  for (const auto& taking : take) {
    if (taking.name == name) return &taking.pointer;
  }
  return nullptr;
}

const Call* Recipe::call(Verb verb) const noexcept {
  const auto there = [](const std::optional<Call>& call) { return call ? &*call : nullptr; };
  switch (verb) {
    case Verb::describe: return nullptr;
    case Verb::issue: return there(issue_call);
    case Verb::probe: return there(probe);
    case Verb::revoke: return there(revoke);
    case Verb::find: return there(find);
  }
  return nullptr;
}

}  // namespace tokenvault::recipe
