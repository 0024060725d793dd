#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recipe/json_scan.hpp"
#include "recipe/request.hpp"
#include "recipe/template.hpp"

namespace tokenvault::recipe {

using Document = nlohmann::ordered_json;

struct Header {
  std::string name;
  Template value;
};

/// A place in the answer that must hold something, or may say null.
struct Taking {
  std::string name;
  JsonPointer pointer;
};

/// What a probe's answer, or an element of a list, must hold to count: a text with words, or true or false.
struct Condition {
  JsonPointer pointer;
  Template text;
  std::optional<bool> truth;
};

/// One HTTP request and what its answers mean.
struct Call {
  std::string method;
  Template path;  ///< with the query
  std::vector<Header> headers;
  std::optional<Document> json;
  std::vector<int> yes;  ///< `done`, or `valid` of a probe
  std::vector<int> no;   ///< `refused`, or `invalid` of a probe
  std::vector<Taking> take;
  std::optional<JsonPointer> list;  ///< of find: where the elements are
  std::optional<JsonPointer> id;    ///< of find: the id within an element
  std::vector<Condition> where;     ///< of probe and find

  [[nodiscard]] const JsonPointer* taking(std::string_view name) const noexcept;
};

/// A recipe, wholly checked.
struct Recipe {
  std::string name;
  std::string issue;  ///< replay_safe, once or human
  std::string old;    ///< kept, expires or dies
  std::int64_t overlap = 0;
  std::int64_t propagation = 0;
  bool one_previous = false;
  int timeout = 20;  ///< seconds for one whole call
  std::vector<std::string> steps;
  Template base;
  std::optional<Call> issue_call;
  std::optional<Call> probe;
  std::optional<Call> revoke;
  std::optional<Call> find;

  /// Null for describe, and where the recipe has no such call.
  [[nodiscard]] const Call* call(Verb verb) const noexcept;
};

/// Reads the file that `name` means and checks everything in it: a path, or a plain word for one of the
/// recipes that came with the program. Errors: refused (it is not there, not ours to trust, or faulty).
Result<Recipe> load_recipe(const std::string& name);

}  // namespace tokenvault::recipe
