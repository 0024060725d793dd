#include "tvp/answer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/utf8.hpp"
#include "tvp/moment.hpp"

using namespace tokenvault;
using namespace tokenvault::tvp;
using namespace std::chrono_literals;

namespace {

bool describes(const std::string& members) {
  return parse_describe_answer(R"({"tvp":1,"issue":"once","old":"kept")" + members + "}").has_value();
}

bool issues(const std::string& text) { return parse_issue_answer(text).has_value(); }

bool is_line(const std::string& text) { return text.size() <= 200 && is_plain_text(text); }

/// Whatever came, what is taken for sound is within the bounds that the callers rely on.
bool keeps_its_bounds(const std::string& text) {
  bool good = true;
  if (const auto all = parse_describe_answer(text)) good = good && check_capabilities(*all).has_value();
  if (const auto all = parse_issue_answer(text))
    good = good && is_line(all->id) && is_line(all->owner) && all->reply == Reply::done &&
           all->retry_after.value_or(0s) <= std::chrono::hours(366 * 24);
  if (const auto all = parse_probe_answer(text)) good = good && is_line(all->id) && is_line(all->owner);
  if (const auto all = parse_find_answer(text))
    good = good && all->ids.size() <= 100 && std::ranges::all_of(all->ids, is_line);
  (void)parse_revoke_answer(text);
  (void)parse_remark(text);
  return good;
}

}  // namespace

TEST_CASE("describe: what must be there, what may be, and the defaults") {
  CHECK(describes(""));
  CHECK(describes(R"(,"unknown":[1,{"a":2}],"origin":"https://host","steps":["Open it"],"find":true)"));
  const auto kept = parse_describe_answer(R"({"tvp":1,"issue":"replay_safe","old":"kept"})");
  REQUIRE(kept);
  CHECK(kept->issue == Issue::replay_safe);
  CHECK((kept->revoke && kept->probe && !kept->find && !kept->one_previous));
  CHECK((kept->overlap == 0s && kept->propagation == 0s && kept->steps.empty()));
  const auto dies = parse_describe_answer(
      R"({"tvp":1,"issue":"human","old":"dies","probe":false,"overlap":3600,"propagation":30,"one_previous":true,)"
      R"("steps":["Open the page","Click"]})");
  REQUIRE(dies);
  CHECK((!dies->revoke && !dies->probe && dies->one_previous && dies->overlap == 3600s));
  CHECK((dies->propagation == 30s && dies->steps.size() == 2 && dies->issue == Issue::human));
  CHECK(parse_describe_answer(R"({"tvp":1,"issue":"once","old":"expires"})")->old == OldToken::expires);
}

TEST_CASE("describe: what is not sound") {
  for (const char* text :
       {"", "null", "[]", "7", "\"x\"", "{", "{}", R"({"issue":"once","old":"kept"})",
        R"({"tvp":2,"issue":"once","old":"kept"})", R"({"tvp":"1","issue":"once","old":"kept"})",
        R"({"tvp":1.0,"issue":"once","old":"kept"})", R"({"tvp":1,"issue":"once"})",
        R"({"tvp":1,"old":"kept"})", R"({"tvp":1,"issue":"twice","old":"kept"})",
        R"({"tvp":1,"issue":"once","old":"gone"})", R"({"tvp":1,"issue":"once","old":"kept"} x)",
        R"({"tvp":1,"issue":"once","old":"kept"}{})"}) {
    CAPTURE(text);
    const auto answer = parse_describe_answer(text);
    REQUIRE_FALSE(answer);
    CHECK(is_line(answer.error().message()));
  }
  for (const char* member :
       {R"("find":1)", R"("find":"true")", R"("overlap":-1)", R"("overlap":1.5)", R"("overlap":"60")",
        R"("overlap":31622401)", R"("overlap":18446744073709551616)", R"("overlap":1e400)",
        R"("steps":"Open")", R"("steps":[7])", R"("steps":[""])", R"("steps":["a\nb"])", R"("origin":7)"}) {
    CAPTURE(member);
    CHECK_FALSE(describes(std::string(",") + member));
  }
  CHECK(describes(R"(,"overlap":31622400)"));
  CHECK(describes(R"(,"steps":[")" + std::string(200, 's') + "\"]"));
  CHECK_FALSE(describes(R"(,"steps":[")" + std::string(201, 's') + "\"]"));
  std::string steps = "\"s\"";
  for (int i = 1; i < 20; ++i) steps += ",\"s\"";
  CHECK(describes(",\"steps\":[" + steps + "]"));
  CHECK_FALSE(describes(",\"steps\":[" + steps + ",\"s\"]"));
}

TEST_CASE("issue: every member is optional, and of its own type") {
  CHECK(issues("{}"));
  CHECK(issues(R"({"id":null,"owner":null,"expires":null,"message":null,"retry_after":null})"));
  CHECK(parse_issue_answer(R"({"id":"a","id":"b"})")->id == "b");
  CHECK(parse_issue_answer(R"({"retry_after":5,"message":"m"})")->retry_after == 5s);
  for (const char* text :
       {R"({"id":1})", R"({"id":"a\u0000b"})", R"({"owner":{}})", R"({"expires":1800000000})",
        R"({"expires":"tomorrow"})", R"({"message":[]})", R"({"retry_after":-5})", "{\"id\":\"\xff\"}",
        R"({"retry_after":"5"})", R"({"id":"\ud800"})"}) {
    CAPTURE(text);
    CHECK_FALSE(issues(text));
  }
  CHECK(issues("{\"id\":\"" + std::string(200, 'i') + "\"}"));
  CHECK_FALSE(issues("{\"id\":\"" + std::string(201, 'i') + "\"}"));
}

TEST_CASE("probe, revoke, find") {
  CHECK(parse_probe_answer(R"({"state":"invalid"})")->state == TokenState::invalid);
  CHECK(parse_probe_answer(R"({"state":"unknown","message":"m"})")->message == "m");
  for (const char* text :
       {"{}", R"({"state":"VALID"})", R"({"state":null})", R"({"state":true})", R"({"valid":1})"}) {
    CHECK_FALSE(parse_probe_answer(text));
  }
  CHECK(parse_revoke_answer(R"({"state":"gone"})"));
  CHECK_FALSE(parse_revoke_answer("{}"));
  CHECK_FALSE(parse_revoke_answer(R"({"state":"valid"})"));
  CHECK(parse_find_answer(R"({"ids":[]})")->ids.empty());
  CHECK(parse_find_answer(R"({"ids":["a","b"]})")->ids.size() == 2);
  for (const char* text :
       {"{}", R"({"ids":null})", R"({"ids":{}})", R"({"ids":[1]})", R"({"ids":[["a"]]})"}) {
    CHECK_FALSE(parse_find_answer(text));
  }
  std::string ids = "\"i\"";
  for (int i = 1; i < 101; ++i) ids += ",\"i\"";
  CHECK_FALSE(parse_find_answer("{\"ids\":[" + ids + "]}"));
}

TEST_CASE("depth is bounded, and brackets in a text are no depth") {
  const auto nested = [](int depth) {
    const auto side = static_cast<std::size_t>(depth - 1);
    return "{\"x\":" + std::string(side, '[') + std::string(side, ']') + "}";
  };
  CHECK(issues(nested(16)));
  CHECK_FALSE(issues(nested(17)));
  CHECK(issues(R"({"message":"[[[[[[[[[[[[[[[[[[[[[[[[\"[[[[[[[[[[[[[[["})"));
  CHECK_FALSE(issues(std::string(65536, '[')));
}

TEST_CASE("moments") {
  const Time december = std::chrono::sys_days(std::chrono::year(2026) / 12 / 1);
  for (const char* text :
       {"2026-12-01T00:00:00Z", "2026-12-01t00:00:00z", "2026-12-01T00:00:00.999Z",
        "2026-12-01T02:30:00+02:30", "2026-11-30T19:00:00-05:00", "2026-12-01T00:00:00+00:00"}) {
    CAPTURE(text);
    CHECK(parse_moment(text) == december);
  }
  for (const char* text :
       {"", "2026-12-01", "2026-12-01T00:00:00", "2026-12-01T00:00:00ZZ", "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-12-01T24:00:00Z", "2026-12-01T00:60:00Z", "2026-12-01T00:00:61Z",
        "2026-12-01T00:00:00.Z", "2026-12-01T00:00:00+24:00", "2026-12-01T00:00:00+0100",
        "2026-12-01T00:00:00 Z", "-026-12-01T00:00:00Z", "2026-12-01X00:00:00Z", "20261201T000000Z",
        "2026-12-01T00:00:00+1:000"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_moment(text));
  }
}

TEST_CASE("the remark of a refusal") {
  CHECK(parse_remark(R"({"message":"busy","retry_after":60})").retry_after == 60s);
  CHECK(parse_remark(R"({"message":"busy","retry_after":60})").message == "busy");
  CHECK(parse_remark("{").message.empty());
  CHECK_FALSE(parse_remark(R"({"message":7,"retry_after":60})").retry_after);
}

TEST_CASE("200,000 mutated answers neither break the parsers nor their bounds") {
  const std::vector<std::string> seeds = {
      R"({"tvp":1,"issue":"once","old":"kept","find":true,"overlap":3600,"steps":["Open","Click"],"origin":"h"})",
      R"({"id":"n1","owner":"acme","expires":"2026-12-01T00:00:00Z","message":"m","retry_after":60})",
      R"({"state":"valid","id":"n1","owner":"acme","expires":"2026-12-01T02:00:00+02:00"})",
      R"({"state":"gone","x":{"y":[1,2,{"z":null}]}})", R"({"ids":["n1","n2","\u00e4\n"],"message":"\"[["})"};
  const std::vector<std::string> words = {"{",
                                          "}",
                                          "[",
                                          "]",
                                          "\"",
                                          "\\",
                                          "null",
                                          "true",
                                          "-1",
                                          "1e999",
                                          "\\u0000",
                                          "\xff",
                                          "\xc3\xa4",
                                          "99999999999999999999",
                                          ",",
                                          ":",
                                          std::string(40, '[')};
  std::mt19937 random(20261125);
  std::size_t broken = 0, sound = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = seeds[random() % seeds.size()];
    for (auto changes = random() % 4; changes > 0 && !text.empty(); --changes) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text.erase(at, random() % 8); break;
        case 2: text.insert(at, words[random() % words.size()]); break;
        default: text.insert(at, text.substr(random() % text.size(), random() % 32)); break;
      }
    }
    if (!keeps_its_bounds(text)) ++broken;
    if (issues(text)) ++sound;
  }
  CHECK(broken == 0);
  CHECK(sound > 20'000);  // or the mutations never got past the parser
  CHECK(sound < 180'000);
}
