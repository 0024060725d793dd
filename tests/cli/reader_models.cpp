#include "reader_models.hpp"

#include <ctime>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "tokenvault/secret.hpp"

namespace {

using tokenvault::kMaxSecretSize;

std::string normalised(std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  std::string clean;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') clean += text[i];
  return clean;
}

using Json = nlohmann::json;

/// Refuses what nlohmann's parser lets pass: a member that is there twice. Depth 1 is the document, 3 a token.
class Twice {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) seen_[depth + 1].clear();
    if (event != Json::parse_event_t::key) return true;
    const auto key = parsed.get<std::string>();
    const bool ours = depth == 1 ? key == "tokens" : depth == 3 && kKnown.contains(key);
    if (ours && !seen_[depth].insert(key).second) found = true;
    return true;
  }
  bool found = false;

 private:
  inline static const std::set<std::string> kKnown{"name", "value", "value_b64", "expires"};
  std::map<int, std::set<std::string>> seen_;
};

std::optional<std::string> decode_base64(const std::string& text) {
  static const std::string kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  const auto padding = text.size() - std::min(text.find('='), text.size());
  if (padding > 2 || text.substr(text.size() - padding) != std::string(padding, '=')) return std::nullopt;
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const auto letter = kLetters.find(c);
    if (letter == std::string::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<unsigned>(letter)) & 0xFFFFFF;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

std::optional<std::int64_t> read_time(const std::string& text) {
  static const std::regex kTime(
      R"((\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d)))");
  std::smatch match;
  if (!std::regex_match(text, match, kTime)) return std::nullopt;
  const auto number = [&](std::size_t group) { return match[group].matched ? std::stoi(match[group]) : 0; };
  std::tm time{};
  time.tm_year = number(1) - 1900;
  time.tm_mon = number(2) - 1;
  time.tm_mday = number(3);
  time.tm_hour = number(4);
  time.tm_min = number(5);
  time.tm_sec = number(6);
  const auto given = time;
  const auto seconds = ::timegm(&time);
  const bool real = given.tm_mon == time.tm_mon && given.tm_mday == time.tm_mday;
  if (given.tm_hour > 23 || given.tm_min > 59 || given.tm_sec > 60 || number(8) > 23 || number(9) > 59)
    return std::nullopt;
  if (!real && given.tm_sec != 60) return std::nullopt;
  const auto offset = (number(8) * 60 + number(9)) * 60;
  return seconds - (match[7].str() == "-" ? -offset : offset);
}

std::optional<Read> token_model(const Json& token) {
  if (!token.is_object() || !token.contains("name") || !token["name"].is_string()) return std::nullopt;
  if (token.contains("value") == token.contains("value_b64")) return std::nullopt;
  const auto& given = token.contains("value") ? token["value"] : token["value_b64"];
  if (!given.is_string()) return std::nullopt;
  const auto value = token.contains("value") ? given.get<std::string>() : decode_base64(given);
  const auto name = token["name"].get<std::string>();
  if (!value || name.size() > 255 || value->size() > kMaxSecretSize) return std::nullopt;
  Read read{name, *value};
  if (!token.contains("expires") || token["expires"].is_null()) return read;
  if (!token["expires"].is_string()) return std::nullopt;
  const auto expires = read_time(token["expires"]);
  if (!expires || *expires < 1) return std::nullopt;
  read.expires = *expires;
  return read;
}

}  // namespace

Reading tsv_model(const std::string& given) {
  const auto text = normalised(given);
  std::vector<Read> tokens;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    const auto tab = line.find('\t');
    if (tab == std::string::npos || tab > 255 || line.size() - tab - 1 > kMaxSecretSize) return std::nullopt;
    tokens.push_back({line.substr(0, tab), line.substr(tab + 1)});
    at = end + 1;
  }
  return tokens;
}

Reading dotenv_model(const std::string& given) {
  using std::regex;
  constexpr auto kFlags = regex::ECMAScript | regex::multiline;
  static const regex kLine(
      R"(^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$)",
      kFlags);
  static const regex kQuotes(R"(^(['"`])([\s\S]*)\1$)", kFlags);
  static const regex kLineFeed(R"(\\n)");
  static const regex kReturn(R"(\\r)");
  const auto text = normalised(given);
  std::vector<Read> tokens;
  for (std::sregex_iterator match(text.begin(), text.end(), kLine), end; match != end; ++match) {
    auto value = (*match)[2].str();
    value.erase(0, value.find_first_not_of(" \t\n\v\f\r"));
    value.erase(value.find_last_not_of(" \t\n\v\f\r") + 1);
    const bool expands = value.starts_with('"');
    value = std::regex_replace(value, kQuotes, "$2");
    if (expands) value = std::regex_replace(std::regex_replace(value, kLineFeed, "\n"), kReturn, "\r");
    tokens.push_back({(*match)[1].str(), value});
  }
  return tokens;
}

Reading json_model(const std::string& text) {
  Twice twice;
  Json document;
  if (text.find('\0') != std::string::npos) return std::nullopt;  // which the other parser takes for the end
  try {
    document = Json::parse(text, std::ref(twice));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  if (twice.found || !document.is_object() || !document.contains("tokens") || !document["tokens"].is_array())
    return std::nullopt;
  std::vector<Read> tokens;
  for (const auto& token : document["tokens"]) {
    const auto read = token_model(token);
    if (!read) return std::nullopt;
    tokens.push_back(*read);
  }
  return tokens;
}
