#include "recipe/recipe_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/try.hpp"
#include "recipe/base_address.hpp"
#include "recipe/call_reader.hpp"
#include "recipe/faults.hpp"
#include "recipe/recipe_text.hpp"
#include "recipe/word_rules.hpp"

namespace tokenvault::recipe {

namespace {

constexpr std::int64_t kMaxSpan = 366LL * 24 * 3600;
constexpr std::size_t kMaxSteps = 20;
constexpr std::size_t kMaxStep = 200;  // bytes

Status check_version(const Document& document) {
  const auto found = document.find("tvp");
  if (found == document.end() || !found->is_number_integer() || *found != 1)
    return fault_at("tvp", "it must be 1");
  return Ok{};
}

Result<std::string> read_choice(const Document& document, const char* member,
                                std::initializer_list<std::string_view> choices) {
  TV_TRY(auto text, want_text(document, "", member));
  if (std::ranges::find(choices, text) == choices.end()) {
    return fault_at(member, fmt::format("it must be one of: {}", fmt::join(choices, ", ")));
  }
  return text;
}

Status read_name(const Document& document, Recipe& recipe) {
  TV_TRY(recipe.name, want_text(document, "", "name"));
  if (!is_recipe_name(recipe.name)) {
    return fault_at("name", "it must be 1 to 64 of a-z, 0-9 and -");
  }
  return Ok{};
}

Status read_one_previous(const Document& document, Recipe& recipe) {
  const auto found = document.find("one_previous");
  if (found == document.end()) return Ok{};
  if (!found->is_boolean()) return fault_at("one_previous", "it must be true or false");
  recipe.one_previous = found->get<bool>();
  return Ok{};
}

Status read_steps(const Document& document, Recipe& recipe) {
  const auto found = document.find("steps");
  if (found == document.end()) return Ok{};
  if (!found->is_array() || found->empty() || found->size() > kMaxSteps) {
    return fault_at("steps", "it is not a list of 1 to 20 lines");
  }
  for (const auto& step : *found) {
    const auto* text = step.get_ptr<const std::string*>();
    if (text == nullptr || text->empty() || text->size() > kMaxStep ||
        std::ranges::any_of(*text, [](unsigned char letter) { return letter < 0x20 || letter == 0x7f; })) {
      return fault_at("steps", "a step is one line of at most 200 bytes");
    }
    recipe.steps.push_back(*text);
  }
  return Ok{};
}

Status read_record(const Document& document, Recipe& recipe) {
  TV_TRY(recipe.issue, read_choice(document, "issue", {"replay_safe", "once", "human"}));
  TV_TRY(recipe.old, read_choice(document, "old", {"kept", "expires", "dies"}));
  TV_TRY(recipe.overlap, optional_number(document, "", "overlap", 0, kMaxSpan, 0));
  TV_TRY(recipe.propagation, optional_number(document, "", "propagation", 0, kMaxSpan, 0));
  TV_TRY(const auto timeout, optional_number(document, "", "timeout", 1, 20, 20));
  recipe.timeout = static_cast<int>(timeout);
  TV_CHECK(read_one_previous(document, recipe));
  return read_steps(document, recipe);
}

Status read_optional_call(const Document& document, const char* member, Verb verb,
                          std::optional<Call>& into) {
  const auto found = document.find(member);
  if (found == document.end() || *found == false) return Ok{};
  TV_TRY(into, read_call(*found, verb, member));
  return Ok{};
}

Status read_calls(const Document& document, Recipe& recipe) {
  TV_CHECK(read_optional_call(document, "issue_call", Verb::issue, recipe.issue_call));
  TV_CHECK(read_optional_call(document, "probe", Verb::probe, recipe.probe));
  TV_CHECK(read_optional_call(document, "revoke", Verb::revoke, recipe.revoke));
  return read_optional_call(document, "find", Verb::find, recipe.find);
}

Status read_base(const Document& document, Recipe& recipe) {
  const bool calls = recipe.issue_call || recipe.probe || recipe.revoke || recipe.find;
  const auto found = document.find("base");
  if (found == document.end()) return calls ? Status(fault_at("base", "it is missing")) : Status(Ok{});
  TV_TRY(recipe.base, want_template(*found, "base"));
  TV_CHECK(check_base_words(recipe.base, "base"));
  if (recipe.base.uses(Word::set)) return Ok{};
  const auto checked = check_base(*found->get_ptr<const std::string*>());
  return checked ? Status(Ok{}) : Status(fault_at("base", checked.error().message()));
}

bool mentions_rotation(const Call& call) {
  const auto in_header = [](const Header& header) { return header.value.uses(Word::rotation); };
  return call.path.uses(Word::rotation) || std::ranges::any_of(call.headers, in_header) ||
         (call.json && call.json->dump().find("{rotation}") != std::string::npos);
}

Status check_issue(const Recipe& recipe) {
  const bool human = recipe.issue == "human";
  if (human && recipe.issue_call)
    return fault_at("issue_call", "a person issues this token; leave the call out");
  if (human && recipe.steps.empty()) return fault_at("steps", "they are missing: what a person has to do");
  if (!human && !recipe.steps.empty())
    return fault_at("steps", "no person has to do anything; leave them out");
  if (!human && !recipe.issue_call) return fault_at("issue_call", "it is missing");
  if (recipe.issue == "replay_safe" && !mentions_rotation(*recipe.issue_call)) {
    return fault_at("issue_call",
                    "replay_safe needs {rotation}, else nobody knows that it is the same rotation");
  }
  return Ok{};
}

Status check_sense(const Recipe& recipe) {
  TV_CHECK(check_issue(recipe));
  if (recipe.old == "kept" && recipe.issue != "human" && !recipe.revoke) {
    return fault_at("revoke", "it is missing: old is kept, and nothing would ever end it");
  }
  if (recipe.find && !recipe.revoke)
    return fault_at("revoke", "it is missing: what is found could not be ended");
  if (recipe.old == "dies" && recipe.overlap != 0)
    return fault_at("overlap", "it must be 0 where the old token dies");
  return Ok{};
}

}  // namespace

bool is_recipe_name(std::string_view text) noexcept {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(kLetters) == text.npos;
}

Result<Recipe> read_recipe(std::string_view text) {
  TV_TRY(const auto document, parse_recipe_text(text));
  TV_CHECK(check_version(document));
  TV_CHECK(only_members(document, "",
                        {"tvp", "name", "issue", "old", "overlap", "propagation", "one_previous", "timeout",
                         "steps", "base", "issue_call", "probe", "revoke", "find"}));
  Recipe recipe;
  TV_CHECK(read_name(document, recipe));
  TV_CHECK(read_record(document, recipe));
  TV_CHECK(read_calls(document, recipe));
  TV_CHECK(read_base(document, recipe));
  TV_CHECK(check_sense(recipe));
  return recipe;
}

}  // namespace tokenvault::recipe
