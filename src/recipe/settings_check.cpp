#include <fmt/format.h>

#include "core/try.hpp"
#include "recipe/faults.hpp"
#include "recipe/recipe_reader.hpp"

namespace tokenvault::recipe {

namespace {

Status check_template(const Template& text, const Request& request) {
  for (const auto& part : text.parts()) {
    if (part.word != Word::set) continue;
    const auto found = request.settings.find(part.key);
    if (found == request.settings.end() || found->second.empty()) {
      return fault_at("", fmt::format("the policy lacks the setting {}, which the recipe uses", part.key));
    }
  }
  return Ok{};
}

Status check_body(const Document& body, const Request& request) {
  if (const auto* text = body.get_ptr<const std::string*>()) {
    TV_TRY(const auto parsed, Template::parse(*text));
    return check_template(parsed, request);
  }
  if (!body.is_structured()) return Ok{};
  for (const auto& inner : body) TV_CHECK(check_body(inner, request));
  return Ok{};
}

Status check_call(const std::optional<Call>& call, const Request& request) {
  if (!call) return Ok{};
  TV_CHECK(check_template(call->path, request));
  for (const auto& header : call->headers) TV_CHECK(check_template(header.value, request));
  for (const auto& condition : call->where) TV_CHECK(check_template(condition.text, request));
  return call->json ? check_body(*call->json, request) : Status(Ok{});
}

}  // namespace

Status check_settings(const Recipe& recipe, const Request& request) {
  TV_CHECK(check_template(recipe.base, request));
  for (const auto* call : {&recipe.issue_call, &recipe.probe, &recipe.revoke, &recipe.find}) {
    TV_CHECK(check_call(*call, request));
  }
  return Ok{};
}

}  // namespace tokenvault::recipe
