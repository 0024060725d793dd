#include "json_object.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace tokenvault::orgapi {

std::optional<JsonObject> JsonObject::parse(std::string_view body,
                                            std::initializer_list<std::string_view> members) {
  // The parser takes a zero byte for the end, and of two members with one name the last: another reader, the first.
  if (body.find('\0') != body.npos) return std::nullopt;
  std::vector<std::string> seen;
  bool more = false;
  const auto look = [&](int depth, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    if (event != nlohmann::json::parse_event_t::key || depth != 1 || more) return true;
    const auto& name = parsed.get_ref<const std::string&>();
    more = seen.size() == members.size() || std::ranges::find(seen, name) != seen.end();
    seen.push_back(name);
    return true;
  };
  auto value = nlohmann::json::parse(body, look, false);
  if (more || !value.is_object()) return std::nullopt;
  for (const auto& [name, unused] : value.items())
    if (std::ranges::find(members, name) == members.end()) return std::nullopt;
  return JsonObject(std::move(value));
}

std::optional<std::string> JsonObject::text(std::string_view member) const {
  const auto found = value_.find(member);
  return found != value_.end() && found->is_string() ? std::optional(found->get<std::string>())
                                                     : std::nullopt;
}

std::optional<std::int64_t> JsonObject::number(std::string_view member) const {
  const auto found = value_.find(member);
  const bool fits = found != value_.end() && found->is_number_integer() &&
                    (!found->is_number_unsigned() || found->get<std::uint64_t>() <= INT64_MAX);
  return fits ? std::optional(found->get<std::int64_t>()) : std::nullopt;
}

bool JsonObject::is_null(std::string_view member) const {
  const auto found = value_.find(member);
  return found == value_.end() || found->is_null();
}

}  // namespace tokenvault::orgapi
