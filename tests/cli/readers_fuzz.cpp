// The readers of `import` against good files, changed at random: each ends, within little memory, and what it
// accepts is what a model that shares nothing with it has read there. Fixed seeds.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "exchange/token_reader.hpp"
#include "mutator.hpp"
#include "reader_models.hpp"

namespace {

using tokenvault::kMaxSecretSize;
using tokenvault::cli::FileToken;
using tokenvault::cli::TokenReader;

using OpenReader = std::unique_ptr<TokenReader> (*)(int);

std::string text_of(const tokenvault::SecretBuffer& secret) {
  const auto bytes = secret.expose();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Reading read(const Feed& feed, const std::string& text, OpenReader open) {
  const auto reader = open(feed.of(text));
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

struct Tally {
  int accepted = 0;
  int refused = 0;
};

Tally run(const std::vector<std::string>& good, OpenReader open, Reading (*model)(const std::string&),
          int count, bool exact) {
  const Feed feed;
  for (const auto& text : good) {
    const auto found = read(feed, text, open);
    REQUIRE(found.has_value());
    REQUIRE(found == model(text));
  }
  Mutator mutate(20261125);
  Tally tally;
  for (int i = 0; i < count; ++i) {
    const auto text = mutate(good[static_cast<std::size_t>(i) % good.size()]);
    const auto found = read(feed, text, open);
    ++(found ? tally.accepted : tally.refused);
    if (!found && !exact) continue;
    INFO("mutation ", i, ": ",
         nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    REQUIRE(found == model(text));
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
