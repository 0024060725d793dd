// Recipes, and the JSON that servers answer: the first byte says which. Answers are read without a parser's copies, and
// compared with what a parser finds.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "recipe/base_address.hpp"
#include "recipe/json_scan.hpp"
#include "recipe/outcome.hpp"
#include "recipe/recipe_reader.hpp"
#include "target.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;
using namespace tokenvault::recipe;
using Json = nlohmann::json;

namespace {

void check_call(const std::optional<Call>& call) {
  if (!call) return;
  must(!call->path.parts().empty() && call->path.parts().front().literal.starts_with('/'),
       "a path begins at the server's root");
  for (const auto& header : call->headers)
    for (const auto& part : header.value.parts())
      must(part.literal.find_first_of("\r\n") == std::string::npos, "no header hides another");
}

void check_recipe(std::string_view text) {
  const auto recipe = read_recipe(text);
  if (!recipe) {
    must(recipe.error().code() == Errc::refused, "a faulty recipe is refused");
    const auto said = refused(recipe.error().message()).answer["message"].get<std::string>();
    return check_error(Error(Errc::refused, said), {Errc::refused});
  }
  must(is_recipe_name(recipe->name), "a recipe has a name");
  must(recipe->timeout >= 1 && recipe->timeout <= 20, "a call takes at most 20 seconds");
  for (const auto* call : {&recipe->issue_call, &recipe->probe, &recipe->revoke, &recipe->find})
    check_call(*call);
  must(!recipe->find || recipe->revoke.has_value(), "what is found can be ended");
}

int depth_of(std::string_view text) {
  int depth = 0, deepest = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      quoted = !quoted;
    else if (!quoted && (text[at] == '[' || text[at] == '{'))
      deepest = std::max(deepest, ++depth);
    else if (!quoted && (text[at] == ']' || text[at] == '}'))
      --depth;
  }
  return deepest;
}

/// A pointer's first line, then the answer.
void check_answer(std::string_view text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto pointer = JsonPointer::parse(text.substr(0, end));
  if (!pointer) return check_error(pointer.error(), {Errc::invalid_argument});
  const auto answer = text.substr(std::min(end + 1, text.size()));
  const auto found = find_json(answer, *pointer);
  if (found) must(is_json(*found), "what is found is JSON");
  const auto elements = found ? json_elements(*found) : std::nullopt;
  const auto value = found ? json_string(*found) : Result<SecretBuffer>(Error(Errc::refused, "not found"));
  if (!value) check_error(value.error(), {Errc::invalid_argument, Errc::refused});
  // The parser takes this byte for the end, and what follows for nothing.
  if (answer.find('\0') != std::string_view::npos) return must(!is_json(answer), "JSON has no zero bytes");
  const auto document = Json::parse(answer.begin(), answer.end(), nullptr, false);
  if (document.is_discarded() || depth_of(answer) > 32) return;
  must(is_json(answer), "what a parser takes is JSON");
  if (!found) return;
  const auto model = Json::parse(found->begin(), found->end(), nullptr, false);
  must(!model.is_discarded(), "a part of a document is one");
  if (elements) must(model.is_array() && model.size() == elements->size(), "a list has its elements");
  if (value)
    must(model.is_string() && as_text(value->expose()) == model.get_ref<const std::string&>(),
         "a string is what a parser reads");
}

bool is_loopback(const std::string& origin) {
  return std::ranges::any_of(std::array{"http://localhost", "http://127.", "http://[::1]"},
                             [&](const char* start) { return origin.starts_with(start); });
}

void check_address(std::string_view text) {
  const auto base = check_base(std::string(text));
  if (!base) return check_error(base.error(), {Errc::invalid_argument});
  must(base->text.find_first_of("@?#\r\n ") == std::string::npos,
       "an address has no user, query or fragment");
  must(!base->text.ends_with('/'), "a path begins where an address ends");
  must(base->origin.starts_with("https://") || is_loopback(base->origin), "what is not encrypted stays here");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = text_of(data + 1, size - 1);
  switch (data[0] % 3) {
    case 0: check_recipe(text); break;
    case 1: check_answer(text); break;
    default: check_address(text);
  }
  check_memory();
  return 0;
}
