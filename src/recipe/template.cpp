#include "recipe/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/try.hpp"

namespace tokenvault::recipe {

namespace {

constexpr std::array<std::pair<std::string_view, Word>, 8> kPlainWords{{
    {"token", Word::token},
    {"current", Word::current},
    {"id", Word::id},
    {"rotation", Word::rotation},
    {"name", Word::name},
    {"overlap", Word::overlap},
    {"expires", Word::expires},
    {"expires_date", Word::expires_date},
}};
constexpr std::string_view kKeyCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

std::optional<Part> keyed(std::string_view text, std::string_view prefix, Word word) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const auto key = text.substr(prefix.size());
  if (key.empty() || key.find_first_not_of(kKeyCharacters) != key.npos) return std::nullopt;
  return Part{{}, word, std::string(key)};
}

Result<Part> word_part(std::string_view text) {
  for (const auto& [name, word] : kPlainWords) {
    if (text == name) return Part{{}, word, {}};
  }
  if (auto part = keyed(text, "set.", Word::set)) return *std::move(part);
  if (auto part = keyed(text, "secret.", Word::secret)) return *std::move(part);
  return Error(Errc::invalid_argument, fmt::format("there is no word {{{}}}", text));
}

}  // namespace

std::string to_string(const Part& part) {
  if (!part.word) return part.literal;
  if (*part.word == Word::set) return "{set." + part.key + "}";
  if (*part.word == Word::secret) return "{secret." + part.key + "}";
  for (const auto& [name, word] : kPlainWords) {
    if (word == *part.word) return fmt::format("{{{}}}", name);
  }
  return {};
}

Result<Template> Template::parse(std::string_view text) {
  Template made;
  while (!text.empty()) {
    const auto brace = std::min(text.find_first_of("{}"), text.size());
    if (brace > 0) made.parts_.push_back({std::string(text.substr(0, brace)), std::nullopt, {}});
    text.remove_prefix(brace);
    if (text.empty()) break;
    const auto end = text.find('}');
    if (text.front() == '}' || end == text.npos) {
      return Error(Errc::invalid_argument, "a brace stands alone; braces are for words such as {token}");
    }
    TV_TRY(auto part, word_part(text.substr(1, end - 1)));
    made.parts_.push_back(std::move(part));
    text.remove_prefix(end + 1);
  }
  return made;
}

bool Template::uses(Word word) const noexcept {
  return std::ranges::any_of(parts_, [&](const Part& part) { return part.word == word; });
}

const Part* Template::only() const noexcept {
  return parts_.size() == 1 && parts_.front().word ? &parts_.front() : nullptr;
}

}  // namespace tokenvault::recipe
