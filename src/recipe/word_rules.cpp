#include "recipe/word_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/try.hpp"
#include "recipe/faults.hpp"

namespace tokenvault::recipe {

namespace {

constexpr int kMaxBodyDepth = 16;

constexpr Word kIssue[] = {Word::token,   Word::id,           Word::rotation, Word::name,  Word::overlap,
                           Word::expires, Word::expires_date, Word::set,      Word::secret};
constexpr Word kProbe[] = {Word::token, Word::id, Word::rotation, Word::name, Word::set, Word::secret};
constexpr Word kRevoke[] = {Word::token, Word::current, Word::id,    Word::rotation,
                            Word::name,  Word::set,     Word::secret};
constexpr Word kFind[] = {Word::current, Word::rotation, Word::name, Word::set, Word::secret};
constexpr Word kCondition[] = {Word::rotation, Word::name, Word::set};

std::span<const Word> words_of(Verb verb) {
  switch (verb) {
    case Verb::describe: return {};
    case Verb::issue: return kIssue;
    case Verb::probe: return kProbe;
    case Verb::revoke: return kRevoke;
    case Verb::find: return kFind;
  }
  return {};
}

Status check_among(const Template& text, std::span<const Word> allowed, std::string_view where) {
  for (const auto& part : text.parts()) {
    if (part.word && std::ranges::find(allowed, *part.word) == allowed.end()) {
      return fault_at(where, fmt::format("the word {} may not stand here", to_string(part)));
    }
  }
  return Ok{};
}

Status check_value(const Document& value, Verb verb, std::string_view where, int depth) {
  if (depth > kMaxBodyDepth) return fault_at(where, "it is more than 16 levels deep");
  if (value.is_string()) {
    TV_TRY(const auto text, want_template(value, where));
    return check_words(text, verb, where);
  }
  if (!value.is_structured()) return Ok{};
  for (const auto& [name, inner] : value.items()) {
    TV_CHECK(check_value(inner, verb, fmt::format("{}.{}", where, name), depth + 1));
  }
  return Ok{};
}

}  // namespace

Status check_words(const Template& text, Verb verb, std::string_view where) {
  return check_among(text, words_of(verb), where);
}

Status check_condition_words(const Template& text, std::string_view where) {
  return check_among(text, kCondition, where);
}

Status check_base_words(const Template& text, std::string_view where) {
  for (std::size_t at = 0; at < text.parts().size(); ++at) {
    const auto& part = text.parts()[at];
    if (!part.word) continue;
    if (at != 0 || *part.word != Word::set) {
      return fault_at(where,
                      fmt::format("the word {} may not stand here: scheme and host are fixed, or one setting",
                                  to_string(part)));
    }
    if (text.parts().size() > 1 && !text.parts()[1].literal.starts_with('/')) {
      return fault_at(where, fmt::format("behind {} only a path may follow", to_string(part)));
    }
  }
  return Ok{};
}

Status check_body(const Document& body, Verb verb, std::string_view where) {
  if (!body.is_structured()) return fault_at(where, "it is neither an object nor a list");
  return check_value(body, verb, where, 0);
}

}  // namespace tokenvault::recipe
