#include "recipe/target.hpp"

#include "recipe/faults.hpp"

namespace tokenvault::recipe {

Result<BaseAddress> target_of(const Recipe& recipe, const Request& request) {
  std::string text;
  for (const auto& part : recipe.base.parts()) {
    const auto found = request.settings.find(part.key);
    if (part.word && found == request.settings.end()) return fault_at("base", "its setting is missing");
    text += part.word ? found->second : part.literal;
  }
  auto base = check_base(text);
  if (!base) return fault_at("base", base.error().message());
  return base;
}

}  // namespace tokenvault::recipe
