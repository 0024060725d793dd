#include "recipe/faults.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/try.hpp"

namespace tokenvault::recipe {

namespace {

template <typename T>
Result<T> want_parsed(const Document& value, std::string_view where) {
  const auto* text = value.get_ptr<const std::string*>();
  if (text == nullptr) return fault_at(where, "it is not a string");
  auto parsed = T::parse(*text);
  if (!parsed) return fault_at(where, parsed.error().message());
  return parsed;
}

}  // namespace

Error fault_at(std::string_view where, std::string_view what) {
  return Error(Errc::refused, where.empty() ? std::string(what) : fmt::format("{}: {}", where, what));
}

Status only_members(const Document& object, std::string_view where,
                    std::initializer_list<std::string_view> known) {
  if (!object.is_object()) return fault_at(where, "it is not an object");
  for (const auto& [name, value] : object.items()) {
    if (std::ranges::find(known, name) == known.end()) {
      return fault_at(where, fmt::format("there is no member \"{}\"", name));
    }
  }
  return Ok{};
}

Result<std::string> want_text(const Document& object, std::string_view where, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_string())
    return fault_at(where, fmt::format("{} must be a string", member));
  return *found->get_ptr<const std::string*>();
}

Result<std::int64_t> optional_number(const Document& object, std::string_view where, const char* member,
                                     std::int64_t least, std::int64_t most, std::int64_t otherwise) {
  const auto found = object.find(member);
  if (found == object.end()) return otherwise;
  if (!found->is_number_integer() || *found < least || *found > most) {
    return fault_at(where, fmt::format("{} must be a whole number from {} to {}", member, least, most));
  }
  return found->get<std::int64_t>();
}

Result<Template> want_template(const Document& value, std::string_view where) {
  return want_parsed<Template>(value, where);
}

Result<JsonPointer> want_pointer(const Document& value, std::string_view where) {
  return want_parsed<JsonPointer>(value, where);
}

}  // namespace tokenvault::recipe
