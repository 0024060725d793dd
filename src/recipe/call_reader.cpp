#include "recipe/call_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/try.hpp"
#include "recipe/faults.hpp"
#include "recipe/send_reader.hpp"
#include "recipe/statuses.hpp"
#include "recipe/word_rules.hpp"

namespace tokenvault::recipe {

namespace {

Status check_members(const Document& object, Verb verb, std::string_view where) {
  switch (verb) {
    case Verb::issue:
      return only_members(object, where, {"send", "headers", "json", "done", "refused", "take"});
    case Verb::probe:
      return only_members(object, where, {"send", "headers", "json", "valid", "invalid", "take", "where"});
    case Verb::revoke: return only_members(object, where, {"send", "headers", "json", "done", "refused"});
    default: break;
  }
  return only_members(object, where, {"send", "headers", "json", "done", "refused", "list", "id", "where"});
}

Status read_take(const Document& object, Verb verb, std::string_view where, Call& call) {
  const auto found = object.find("take");
  const auto place = fmt::format("{}.take", where);
  if (found != object.end()) {
    TV_CHECK(verb == Verb::issue ? only_members(*found, place, {"token", "id", "expires", "owner"})
                                 : only_members(*found, place, {"id", "expires", "owner"}));
    for (const auto& [name, value] : found->items()) {
      TV_TRY(auto pointer, want_pointer(value, fmt::format("{}.{}", place, name)));
      call.take.push_back({name, std::move(pointer)});
    }
  }
  if (verb == Verb::issue && call.taking("token") == nullptr) {
    return fault_at(place, "token is missing: where the answer has the new token");
  }
  return Ok{};
}

Result<Condition> read_condition(const std::string& name, const Document& value, std::string_view where) {
  Condition condition;
  TV_TRY(condition.pointer, want_pointer(Document(name), where));
  if (value.is_boolean()) {
    condition.truth = value.get<bool>();
    return condition;
  }
  TV_TRY(condition.text, want_template(value, where));
  TV_CHECK(check_condition_words(condition.text, where));
  return condition;
}

Status read_where(const Document& object, std::string_view where, Call& call) {
  const auto place = fmt::format("{}.where", where);
  const auto found = object.find("where");
  if (found == object.end()) return Ok{};
  if (!found->is_object()) return fault_at(place, "it is not an object");
  for (const auto& [name, value] : found->items()) {
    TV_TRY(auto condition, read_condition(name, value, fmt::format("{}.{}", place, name)));
    call.where.push_back(std::move(condition));
  }
  return Ok{};
}

// What is found is revoked by its id alone: a search that matches loosely would end a stranger's token.
Status check_search(const Call& call, std::string_view where) {
  const auto names_it = [](const Condition& condition) { return condition.text.uses(Word::rotation); };
  if (std::ranges::any_of(call.where, names_it)) return Ok{};
  return fault_at(fmt::format("{}.where", where),
                  "no condition has {rotation}, so that tokens of others would match");
}

Status read_search(const Document& object, std::string_view where, Call& call) {
  TV_TRY(const auto list, want_text(object, where, "list"));
  TV_TRY(call.list, want_pointer(Document(list), fmt::format("{}.list", where)));
  TV_TRY(const auto id, want_text(object, where, "id"));
  TV_TRY(call.id, want_pointer(Document(id), fmt::format("{}.id", where)));
  return check_search(call, where);
}

}  // namespace

Result<Call> read_call(const Document& object, Verb verb, std::string_view where) {
  Call call;
  TV_CHECK(check_members(object, verb, where));
  TV_CHECK(read_send(object, verb, where, call));
  TV_CHECK(read_headers(object, verb, where, call));
  TV_CHECK(read_body(object, verb, where, call));
  TV_CHECK(read_statuses(object, verb, where, call));
  if (verb == Verb::issue || verb == Verb::probe) TV_CHECK(read_take(object, verb, where, call));
  if (verb == Verb::probe || verb == Verb::find) TV_CHECK(read_where(object, where, call));
  if (verb == Verb::find) TV_CHECK(read_search(object, where, call));
  return call;
}

}  // namespace tokenvault::recipe
