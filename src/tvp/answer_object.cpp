#include "tvp/answer_object.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/json_depth.hpp"
#include "core/try.hpp"
#include "core/utf8.hpp"
#include "tvp/moment.hpp"

namespace tokenvault::tvp {
namespace {

using Json = nlohmann::json;

constexpr int kMaxDepth = 16;

Error wrong(const char* member, const char* what) {
  return Error(Errc::refused, fmt::format("its member \"{}\" is not {}", member, what));
}

/// nullptr where there is none.
const Json* find(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

const std::string* line_of(const Json& value) {
  const auto* text = value.get_ptr<const std::string*>();
  return text != nullptr && text->size() <= kMaxText && is_plain_text(*text) ? text : nullptr;
}

}  // namespace

struct AnswerObject::Tree {
  Json json;
};

AnswerObject::AnswerObject(std::unique_ptr<Tree> tree) noexcept : tree_(std::move(tree)) {}
AnswerObject::AnswerObject(AnswerObject&&) noexcept = default;
AnswerObject& AnswerObject::operator=(AnswerObject&&) noexcept = default;
AnswerObject::~AnswerObject() = default;

Result<AnswerObject> AnswerObject::parse(std::string_view text) {
  if (text.empty()) return Error(Errc::refused, "it gave no answer");
  if (!is_shallow(text, kMaxDepth)) return Error(Errc::refused, "its answer is nested too deeply");
  auto json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object()) return Error(Errc::refused, "its answer is not one JSON object");
  return AnswerObject(std::make_unique<Tree>(Tree{std::move(json)}));
}

bool AnswerObject::has(const char* member) const { return find(tree_->json, member) != nullptr; }

Result<std::string> AnswerObject::line(const char* member) const {
  const Json* value = find(tree_->json, member);
  if (value == nullptr) return std::string();
  const std::string* line = line_of(*value);
  if (line == nullptr) return wrong(member, "a line of at most 200 bytes");
  return *line;
}

Result<std::string> AnswerObject::text(const char* member) const {
  const Json* value = find(tree_->json, member);
  if (value == nullptr) return std::string();
  const auto* text = value->get_ptr<const std::string*>();
  if (text == nullptr) return wrong(member, "a text");
  return *text;
}

Result<std::vector<std::string>> AnswerObject::lines(const char* member, std::size_t most) const {
  std::vector<std::string> all;
  const Json* value = find(tree_->json, member);
  if (value == nullptr) return all;
  if (!value->is_array() || value->size() > most) return wrong(member, "a list, or is too long a one");
  for (const Json& entry : *value) {
    const std::string* line = line_of(entry);
    if (line == nullptr || line->empty()) return wrong(member, "a list of lines of at most 200 bytes");
    all.push_back(*line);
  }
  return all;
}

Result<bool> AnswerObject::flag(const char* member, bool usual) const {
  const Json* value = find(tree_->json, member);
  if (value == nullptr) return usual;
  if (!value->is_boolean()) return wrong(member, "true or false");
  return *value->get_ptr<const bool*>();
}

Result<std::optional<std::chrono::seconds>> AnswerObject::span(const char* member) const {
  constexpr std::uint64_t kYear = 366 * 24 * 3600;
  const Json* value = find(tree_->json, member);
  if (value == nullptr) return std::optional<std::chrono::seconds>();
  const auto* number = value->get_ptr<const Json::number_unsigned_t*>();
  if (number == nullptr || *number > kYear) return wrong(member, "a whole number of seconds, 0 to a year");
  return std::optional(std::chrono::seconds(*number));
}

Result<std::optional<Time>> AnswerObject::moment(const char* member) const {
  TV_TRY(const std::string text, line(member));
  if (text.empty()) return std::optional<Time>();
  const auto moment = parse_moment(text);
  if (!moment) return wrong(member, "a time like 2026-12-01T00:00:00Z");
  return moment;
}

bool AnswerObject::is_number(const char* member, std::uint64_t value) const {
  const Json* found = find(tree_->json, member);
  const auto* number = found == nullptr ? nullptr : found->get_ptr<const Json::number_unsigned_t*>();
  return number != nullptr && *number == value;
}

}  // namespace tokenvault::tvp
