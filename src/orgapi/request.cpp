#include "request.hpp"

#include <algorithm>

namespace tokenvault::orgapi {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<std::string_view> first(const std::vector<Field>& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &Field::first);
  return found == fields.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::vector<std::string_view> Request::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : fields)
    if (same_word(key, name)) values.push_back(value);
  return values;
}

std::optional<std::string_view> Request::one(std::string_view name) const {
  const auto values = all(name);
  return values.size() == 1 ? std::optional(values[0]) : std::nullopt;
}

std::optional<std::string_view> Request::argument(std::string_view name) const { return first(query, name); }

std::optional<std::string_view> Request::cookie(std::string_view name) const { return first(cookies, name); }

}  // namespace tokenvault::orgapi
