#include "recipe/condition.hpp"

#include "core/try.hpp"
#include "recipe/taken.hpp"

namespace tokenvault::recipe {

namespace {

bool holds(std::string_view value, const Condition& condition, std::string_view wanted) {
  const auto written = find_json(value, condition.pointer);
  if (!written) return false;
  if (condition.truth) return *written == (*condition.truth ? "true" : "false");
  const auto text = scalar_text(*written);
  return text && *text == wanted;
}

}  // namespace

Result<std::vector<std::string>> condition_texts(std::span<const Condition> conditions, const Words& words) {
  std::vector<std::string> texts;
  for (const auto& condition : conditions) {
    SecretText text;
    TV_CHECK(words.fill(condition.text, Encoding::plain, text));
    texts.emplace_back(text.view());
  }
  return texts;
}

bool all_hold(std::string_view written, std::span<const Condition> conditions,
              std::span<const std::string> texts) {
  for (std::size_t at = 0; at < conditions.size(); ++at) {
    if (!holds(written, conditions[at], texts[at])) return false;
  }
  return true;
}

}  // namespace tokenvault::recipe
