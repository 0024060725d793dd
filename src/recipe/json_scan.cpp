#include "recipe/json_scan.hpp"

#include <algorithm>
#include <charconv>

#include "core/try.hpp"
#include "recipe/json_cursor.hpp"
#include "recipe/secret_text.hpp"

namespace tokenvault::recipe {

namespace {

using Steps = std::span<const std::string>;

std::optional<std::string_view> descend(JsonCursor& cursor, Steps steps);

bool is_key(std::string_view written, const std::string& name) {
  const auto key = json_string(written);
  return key && text_of(*key) == name;
}

std::optional<std::string_view> in_object(JsonCursor& cursor, Steps steps) {
  if (!cursor.take('{') || cursor.peek() == '}') return std::nullopt;
  const int depth = static_cast<int>(steps.size());
  do {
    const auto key = cursor.string();
    if (!key || !cursor.take(':')) return std::nullopt;
    if (is_key(*key, steps.front())) return descend(cursor, steps.subspan(1));
    if (!cursor.value(depth)) return std::nullopt;
  } while (cursor.take(','));
  return std::nullopt;
}

std::optional<std::string_view> in_list(JsonCursor& cursor, Steps steps) {
  std::size_t wanted = 0;
  const auto& step = steps.front();
  const auto [end, fault] = std::from_chars(step.data(), step.data() + step.size(), wanted);
  if (fault != std::errc() || end != step.data() + step.size()) return std::nullopt;
  if (!cursor.take('[') || cursor.peek() == ']') return std::nullopt;
  for (std::size_t at = 0; at < wanted; ++at) {
    if (!cursor.value() || !cursor.take(',')) return std::nullopt;
  }
  return descend(cursor, steps.subspan(1));
}

std::optional<std::string_view> descend(JsonCursor& cursor, Steps steps) {
  if (steps.empty()) return cursor.value();
  return cursor.peek() == '[' ? in_list(cursor, steps) : in_object(cursor, steps);
}

std::string unescaped(std::string_view step) {
  std::string plain;
  for (std::size_t at = 0; at < step.size(); ++at) {
    if (step[at] != '~') {
      plain += step[at];
    } else {
      plain += step[++at] == '1' ? '/' : '~';
    }
  }
  return plain;
}

bool is_step(std::string_view step) {
  for (auto at = step.find('~'); at != step.npos; at = step.find('~', at + 1)) {
    if (at + 1 == step.size() || (step[at + 1] != '0' && step[at + 1] != '1')) return false;
  }
  return true;
}

}  // namespace

Result<JsonPointer> JsonPointer::parse(std::string_view text) {
  JsonPointer pointer;
  while (!text.empty()) {
    const auto end = std::min(text.find('/', 1), text.size());
    const auto step = text.substr(1, end - 1);
    if (text.front() != '/' || !is_step(step) || pointer.steps_.size() == 16) {
      return Error(Errc::invalid_argument, "it is not a JSON pointer such as /token, of at most 16 steps");
    }
    pointer.steps_.push_back(unescaped(step));
    text.remove_prefix(end);
  }
  return pointer;
}

std::optional<std::string_view> find_json(std::string_view text, const JsonPointer& pointer) {
  JsonCursor cursor(text);
  return descend(cursor, pointer.steps());
}

bool is_json(std::string_view text) {
  JsonCursor cursor(text);
  return cursor.value() && cursor.at_end();
}

std::optional<std::vector<std::string_view>> json_elements(std::string_view value) {
  JsonCursor cursor(value);
  std::vector<std::string_view> elements;
  if (!cursor.take('[')) return std::nullopt;
  if (cursor.take(']')) return elements;
  do {
    const auto element = cursor.value();
    if (!element) return std::nullopt;
    elements.push_back(*element);
  } while (cursor.take(','));
  if (!cursor.take(']')) return std::nullopt;
  return elements;
}

}  // namespace tokenvault::recipe
