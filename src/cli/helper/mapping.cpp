#include "mapping.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "../exchange/utf8_check.hpp"
#include "../try.hpp"
#include "tokenvault/name.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::size_t kMostLines = 1000;
constexpr std::size_t kLongestUser = 255;
constexpr std::string_view kBlanks = " \t\r";

/// The words up to a comment.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (auto begin = line.find_first_not_of(kBlanks); begin != std::string_view::npos && line[begin] != '#';
       begin = line.find_first_not_of(kBlanks, begin)) {
    const auto end = std::min(line.find_first_of(kBlanks, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

/// What of a line is wrong, or nothing.
std::string_view fault_of(const std::vector<std::string_view>& words) {
  if (words.size() != 3 && words.size() != 4) return "a line is `git|docker WHERE NAME [USER]`";
  if (words[0] != "git" && words[0] != "docker") return "its first word is `git` or `docker`";
  if (!Where::parse(words[1])) return "its second word is [http[s]://]HOST[:PORT][/PATH]";
  if (!check_name(words[2])) return "its third word is no name of a token";
  if (words.size() == 4 && !is_user(words[3])) return "its fourth word is no user's name";
  return {};
}

bool is_there(const std::vector<Mapping>& mappings, std::string_view where) {
  return std::ranges::any_of(mappings, [&](const Mapping& other) { return other.where->text() == where; });
}

}  // namespace

bool is_user(std::string_view text) {
  Utf8Check characters;
  return !text.empty() && text.size() <= kLongestUser && std::ranges::all_of(text, [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= ' ' && byte != 0x7F && c != ':' && characters.accept(byte);
  }) && characters.complete();
}

Result<std::vector<Mapping>> parse_mappings(std::string_view text, std::string_view helper) {
  std::vector<Mapping> found;
  std::size_t number = 0;
  const auto fault = [&](std::string_view what) {
    return Error(Errc::invalid_argument, fmt::format("line {} of the helpers' file: {}", number, what));
  };
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto words = words_of(text.substr(begin, end - begin));
    begin = end + 1;
    if (++number > kMostLines) return fault("there are at most 1000");
    if (words.empty()) continue;
    if (const auto what = fault_of(words); !what.empty()) return fault(what);
    if (words[0] != helper) continue;
    if (is_there(found, words[1])) return fault("its server has a token already");
    found.push_back(
        {Where::parse(words[1]), std::string(words[2]), std::string(words.size() == 4 ? words[3] : "")});
  }
  return found;
}

Result<Mapping> parse_mapping(std::string_view option) {
  const auto equals = std::min(option.find('='), option.size());
  auto where = Where::parse(option.substr(0, equals));
  if (!where || equals == option.size())
    return Error(Errc::invalid_argument,
                 "--for takes WHERE=NAME, where WHERE is [http[s]://]HOST[:PORT][/PATH]");
  const auto name = option.substr(equals + 1);
  TV_CHECK(check_name(name));
  return Mapping{std::move(where), std::string(name), {}};
}

const Mapping* find_mapping(const std::vector<Mapping>& mappings, const Server& server) {
  const Mapping* best = nullptr;
  std::size_t longest = 0;
  for (const auto& mapping : mappings) {
    const auto fit = mapping.where          ? mapping.where->fit(server)
                     : is_encrypted(server) ? std::optional<std::size_t>(0)
                                            : std::nullopt;
    if (!fit || (best != nullptr && *fit <= longest)) continue;
    best = &mapping;
    longest = *fit;
  }
  return best;
}

}  // namespace tokenvault::cli
