// The readers of `import` against good files, changed at random: each ends, within little memory, and what it
// accepts is what a model that shares nothing with it has read there. Fixed seeds.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <set>

#include "token_reader.hpp"

namespace {

using tokenvault::kMaxSecretSize;
using tokenvault::cli::FileToken;
using tokenvault::cli::TokenReader;

/// Name, value and expiry in seconds, of each token; nothing for a file that is not accepted.
struct Read {
  std::string name;
  std::string value;
  std::int64_t expires = 0;
  bool operator==(const Read&) const = default;
};
using Reading = std::optional<std::vector<Read>>;
using OpenReader = std::unique_ptr<TokenReader> (*)(int);

std::string text_of(const tokenvault::SecretBuffer& secret) {
  const auto bytes = secret.expose();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Feed {
 public:
  Feed() : fd_(::memfd_create("feed", MFD_CLOEXEC)) {}
  ~Feed() { ::close(fd_); }
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  Reading read(const std::string& text, OpenReader open) const {
    REQUIRE(::ftruncate(fd_, 0) == 0);
    REQUIRE(::pwrite(fd_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    REQUIRE(::lseek(fd_, 0, SEEK_SET) == 0);
    const auto reader = open(fd_);
    std::vector<Read> tokens;
    for (;;) {
      auto found = reader->next();
      if (!found) {
        using tokenvault::Errc;
        const auto code = found.error().code();
        REQUIRE((code == Errc::invalid_argument || code == Errc::refused));
        REQUIRE(found.error().message().find("line ") != std::string::npos);
        return std::nullopt;
      }
      if (!*found) return tokens;
      const auto& token = (*found)->token;
      const auto expires = token.expires ? token.expires->time_since_epoch().count() : 0;
      tokens.push_back({token.name, text_of(token.value), expires});
    }
  }

 private:
  int fd_;
};

std::string normalised(std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  std::string clean;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') clean += text[i];
  return clean;
}

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

/// The two expressions of npm's dotenv, versions 15 to 18, over a text whose line ends are LF.
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

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string operator()(std::string text) {
    for (auto rounds = 1 + below(3); rounds > 0; --rounds) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void change(std::string& text) {
    static const std::string kLikely(
        "\"'`\\#=:\t\n\r {}[],\0\x7F\x80\xBF\xC3\xED\xF4\xFF\xEF\xBB\xBFunr/+0-eE.ZT", 48);
    const auto at = below(text.size() + 1);
    const auto piece = text.substr(at, 1 + below(24));
    switch (below(6)) {
      case 0: text.insert(at, 1, kLikely[below(kLikely.size())]); break;
      case 1: text.erase(at, piece.size()); break;
      case 2: text.insert(below(text.size() + 1), piece); break;
      case 3:
        if (at < text.size()) text[at] = kLikely[below(kLikely.size())];
        break;
      case 4:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      default:
        if (below(8) == 0) text.resize(at);
    }
  }

  std::mt19937 random_;
};

struct Tally {
  int accepted = 0;
  int refused = 0;
};

Tally run(const std::vector<std::string>& good, OpenReader open, Reading (*model)(const std::string&),
          int count, bool exact) {
  const Feed feed;
  for (const auto& text : good) {
    const auto read = feed.read(text, open);
    REQUIRE(read.has_value());
    REQUIRE(read == model(text));
  }
  Mutator mutate(20261125);
  Tally tally;
  for (int i = 0; i < count; ++i) {
    const auto text = mutate(good[static_cast<std::size_t>(i) % good.size()]);
    const auto read = feed.read(text, open);
    ++(read ? tally.accepted : tally.refused);
    if (!read && !exact) continue;
    INFO("mutation ", i, ": ", Json(text).dump(-1, ' ', true, Json::error_handler_t::replace));
    REQUIRE(read == model(text));
  }
  const auto memory = tokenvault::protection();
  CHECK(memory.locked_bytes + memory.plain_bytes <= 128 * 1024);
  MESSAGE(tally.accepted << " accepted, " << tally.refused << " refused");
  return tally;
}

TEST_CASE("tsv: what is accepted is what is there, and nothing else is refused") {
  const std::vector<std::string> good{"a/b\tvalue one\nc\t\xFF\x01\t\r \r\n\xC3\xA4/d\tlast",
                                      "\xEF\xBB\xBF"
                                      "a\tb\r\nc\td\r\n",
                                      "",
                                      std::string(255, 'n') + "\t" + std::string(3834, 'v') +
                                          "\r\nx\t\ty\nz\t" + std::string(kMaxSecretSize, 'w')};
  const auto tally = run(good, tokenvault::cli::read_tsv, tsv_model, 6000, true);
  CHECK(tally.accepted > 1000);
  CHECK(tally.refused > 500);
}

TEST_CASE("dotenv: what is accepted is what npm's dotenv reads there") {
  const std::string padding = "#" + std::string(4070, '-') + "\n";
  const std::vector<std::string> good{
      "A=1\n\n# c'o\"m`\n export B.x-y = two words \t# c\nC: d\r\nD='it`s \"\\n\"' # "
      "'x'\nE=\"a\\nb\\\\nc\\r'`\"#\nF=`'\"\nx`",
      "\xEF\xBB\xBFTOKEN=ghp_abc\\\nQ=\"\n#no comment\n\"\nexport=1\nexport export=$A${B}\nS='\\n \\t'\n",
      padding + "A='b\r\nc'\r\nB=\"\xC3\xA4\xF0\x9F\x98\x80\"\r\n", "A=a'b\"c`d\nB='' \nC=\nD= x=y:z\n"};
  const auto tally = run(good, tokenvault::cli::read_dotenv, dotenv_model, 6000, false);
  CHECK(tally.accepted > 1000);
  CHECK(tally.refused > 1000);
}

TEST_CASE("json: what is accepted is what another parser reads there") {
  const std::string edges =
      "\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF";
  const std::vector<std::string> good{
      R"({"tokens":[{"name":"a/b","value":"v\"\\\/\b\f\n\r\t\u0041\ud83d\ude00"},{"value_b64":"AAECAw==","name":"c"}]})",
      "\xEF\xBB\xBF"
      R"( {"schema":1, "x":[1,-2.5e+3,{"tokens":[]},true,false,null,"s"], "tokens" : [ ] , "y":{} } )"
      "\r\n",
      R"({"tokens":[{"name":"a","value":")" + std::string(4050, 'v') +
          R"(","expires":"2030-01-31T23:59:59.5+02:30"},)"
          "\n"
          R"({"name":"b","value":"w","expires":null,"note":{"name":1,"value":[{}]}}]})",
      // The first and the last of every length, where one bit leads to what is no UTF-8, and numbers.
      "{\"tokens\":[{\"name\":\"a\",\"value\":\"" + edges + edges + edges +
          "\",\"x\":[0,-0,10,0.5,1e5,0E-1,20,30]}]}",
      R"({"tokens":[{"na\u006de":"x","value_b64":")" + std::string(4096, 'Q') + std::string(40, '/') +
          R"("}],"z":0.1})"};
  const auto tally = run(good, tokenvault::cli::read_json, json_model, 8000, true);
  CHECK(tally.accepted > 1000);
  CHECK(tally.refused > 1000);
}

}  // namespace
