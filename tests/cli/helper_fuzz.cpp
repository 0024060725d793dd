// What programs say to their credential helpers, and the helpers' file: good texts, changed at random. Each is read or
// refused with a text that repeats nothing of it, and what is accepted is what a model reads there. Fixed seeds.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "git_model.hpp"
#include "helper/exec_info.hpp"
#include "helper/git_request.hpp"
#include "helper/mapping.hpp"
#include "helper/members.hpp"
#include "mutator.hpp"
#include "tokenvault/name.hpp"

namespace {

using namespace tokenvault::cli;
using tokenvault::Errc;
using tokenvault::Error;
using tokenvault::kMaxSecretSize;
using tokenvault::SecretBuffer;

// In every good text, where a secret may stand.
constexpr std::string_view kMarker = "S3CRETmarker";

/// Feeds 3,000 mutations of `good` to `accepts`, which checks what it accepts and gives the error otherwise.
void run(const std::vector<std::string>& good,
         const std::function<std::optional<Error>(const std::string&)>& read) {
  for (const auto& text : good) REQUIRE(!read(text));
  Mutator mutate(20261126);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto text = mutate(good[static_cast<std::size_t>(i) % good.size()]);
    INFO("mutation ", i, ": ",
         nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    const auto error = read(text);
    ++(error ? refused : accepted);
    if (!error) continue;
    REQUIRE((error->code() == Errc::invalid_argument || error->code() == Errc::unsupported));
    REQUIRE(error->message().find(kMarker) == std::string::npos);
  }
  MESSAGE(accepted << " accepted, " << refused << " refused");
  CHECK(accepted > 200);
  CHECK(refused > 200);
}

TEST_CASE("git: what is accepted is what is there, and nothing else is refused") {
  const std::string get =
      "capability[]=authtype\nprotocol=https\nhost=git.acme.example:8443\npath=a/b.git\nwwwauth[]=Basic "
      "realm=\"x\"\nusername=ada\npassword=S3CRETmarker\nodd key=1\nhost=git.acme.example\n\nnever=read\n";
  const Feed feed;
  run({get, "protocol=https\nhost=h", "", "\n", "password=" + std::string(32000, 'v') + "\nprotocol=http\n"},
      [&](const std::string& text) -> std::optional<Error> {
        const auto request = GitRequest::read_from(feed.of(text));
        const auto model = git_model(text);
        REQUIRE(request.has_value() == model.has_value());
        if (!request) return request.error();
        for (const auto key : {"protocol", "host", "path", "username", "password", "odd key", "pass", ""}) {
          const auto found = model->find(key);
          REQUIRE(request->value(key) == (found == model->end() ? std::string() : found->second));
        }
        return std::nullopt;
      });
}

TEST_CASE("the helpers' file: whatever is accepted names tokens and servers, and fits these alone") {
  const std::string good =
      "# which token is for whom S3CRETmarker\n\ngit https://git.acme.example/team acme/git ada # note\r\n"
      "git\thttp://127.0.0.1:8080 acme/dev\ndocker registry.acme.example:5000 acme/registry\n git [::1]:1 "
      "a/b=c";
  run({good}, [](const std::string& text) -> std::optional<Error> {
    for (const auto helper : {"docker", "git"}) {
      const auto mappings = parse_mappings(text, helper);
      if (!mappings) {
        REQUIRE(mappings.error().message().starts_with("line "));
        return mappings.error();
      }
      for (const auto& mapping : *mappings) {
        REQUIRE(tokenvault::check_name(mapping.name).has_value());
        REQUIRE((mapping.user.empty() || is_user(mapping.user)));
        auto server = *parse_server(mapping.where->text());
        REQUIRE(find_mapping(*mappings, server)->where->text().size() >= server.host.size());
        const auto other = std::string(server.host) + "x";
        server.host = other;
        REQUIRE(!mapping.where->fit(server));
      }
    }
    return std::nullopt;
  });
}

TEST_CASE("kubectl: what is accepted asks for the version that is answered") {
  const auto info = [](const char* version) {
    return std::string(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/)") + version +
           R"(","spec":{"cluster":{"server":"https://h","config":[1,{"x":null}]},"interactive":false}})";
  };
  run({info("v1"), info("v1beta1")}, [](const std::string& text) -> std::optional<Error> {
    const auto version = api_version_of(text);
    if (!version) return version.error();
    const auto document = nlohmann::json::parse(text);
    REQUIRE(document["apiVersion"] == *version);
    REQUIRE(document["kind"] == "ExecCredential");
    return std::nullopt;
  });
  for (const auto* odd : {"", "x", "null", "[]", "{}", R"({"kind":1,"apiVersion":2})"})
    CHECK(api_version_of(odd).error().code() == Errc::invalid_argument);
  CHECK(api_version_of(info("v1alpha1")).error().code() == Errc::unsupported);
  CHECK(api_version_of(info("v1") + std::string(128 * 1024, ' ')).error().code() == Errc::invalid_argument);
  CHECK(!api_version_of(std::string(100'000, '[')));
}

TEST_CASE("members: what is accepted is what another parser reads there") {
  const std::string keys =
      R"({"Version":1,"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"S3CRETmarker\/+\u00e4\"","Odd":{"Secret":[]}})";
  run({keys, R"( {"Secret":"","AccessKeyId":"x"} )"}, [](const std::string& text) -> std::optional<Error> {
    SecretText id(64);
    SecretText secret(kMaxSecretSize);
    const std::array wanted{Member{"AccessKeyId", id}, Member{"SecretAccessKey", secret}};
    auto bytes = *SecretBuffer::copy_of(std::as_bytes(std::span(text)));
    const auto done = read_members(std::move(bytes), "the document", wanted);
    if (!done) return done.error();
    const auto from = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    const auto document = nlohmann::json::parse(text.begin() + from, text.end());
    REQUIRE(document.value("AccessKeyId", "") == id.view());
    REQUIRE(document.value("SecretAccessKey", "") == secret.view());
    return std::nullopt;
  });
}

TEST_CASE("which server a token is for") {
  struct {
    const char *where, *protocol, *host, *path;
    int fit;  // -1: not at all
  } const cases[] = {
      {"https://git.acme.example", "https", "git.acme.example", "", 0},
      {"GIT.acme.example", "https", "git.ACME.example", "any/path", 0},
      {"git.acme.example", "http", "git.acme.example", "", -1},
      {"http://git.acme.example", "https", "git.acme.example", "", -1},
      {"http://git.acme.example", "http", "git.acme.example", "", 0},
      {"git.acme.example", "https", "git.acme.example:443", "", -1},
      {"git.acme.example:8443", "https", "git.acme.example", "", -1},
      {"git.acme.example", "https", "evil-git.acme.example", "", -1},
      {"git.acme.example", "https", "git.acme.example.evil", "", -1},
      {"git.acme.example", "https", "ada@git.acme.example", "", -1},
      {"acme.example", "https", "git.acme.example", "", -1},
      {"h/team", "https", "h", "team", 4},
      {"h/team/", "https", "h", "/team/a.git", 4},
      {"h/team", "https", "h", "teams/a.git", -1},
      {"h/team", "https", "h", "tea", -1},
      {"h/team", "https", "h", "Team", -1},
      {"h/team", "https", "h", "", -1},
      {"h/team", "https", "h", "team/../other", -1},
      {"h/team", "https", "h", "team/%2e%2E/other", -1},
      {"h/team", "https", "h", "team/..%2fother", -1},
      {"h/team", "https", "h", "team/%252e%252e/other", -1},
      {"h/team", "https", "h", "team\\..\\other", -1},
      {"h/team", "https", "h", "team/..\\other", -1},
      {"h/team", "https", "h", "team/100%", 4},
      {"h", "https", "h", "a b/c", 0},
  };
  for (const auto& each : cases) {
    CAPTURE(each.where);
    CAPTURE(each.host);
    CAPTURE(each.path);
    const auto fit = Where::parse(each.where)->fit({each.protocol, each.host, each.path});
    CHECK((fit ? static_cast<int>(*fit) : -1) == each.fit);
  }
  for (const auto* odd : {"", "https://", "ftp://h", "h*", "*", "https://a@h", "h?x", "h/a*", "h/../x",
                          "h /x", "h/a\x01", "://h", "https:h/x//..", "h\xC3\xA4"})
    CHECK_MESSAGE(!Where::parse(odd), odd);
}

TEST_CASE("the longest path wins, and --name is for https alone") {
  const auto mappings = *parse_mappings(
      "git h a/host\ngit h/team a/team\ngit h/team/deep a/deep\ngit http://h a/clear\n", "git");
  const auto name = [&](std::string_view protocol, std::string_view path) {
    const auto* found = find_mapping(mappings, {protocol, "h", path});
    return found == nullptr ? std::string() : found->name;
  };
  CHECK(name("https", "") == "a/host");
  CHECK(name("https", "team/x") == "a/team");
  CHECK(name("https", "team/deep/x") == "a/deep");
  CHECK(name("http", "team/x") == "a/clear");
  CHECK(name("ftp", "") == "");
  const std::vector<Mapping> all{{std::nullopt, "a/all", ""}};
  CHECK(find_mapping(all, {"https", "anything", ""}) != nullptr);
  CHECK(find_mapping(all, {"HTTPS", "anything", ""}) != nullptr);
  for (const auto* other : {"http", "HTTP", "Http", "ftp", "smtp", "imap", "https ", ""})
    CHECK_MESSAGE(find_mapping(all, {other, "anything", ""}) == nullptr, other);
}

TEST_CASE("faults of the helpers' file are named by line") {
  const auto fault = [](const std::string& text) {
    const auto read = parse_mappings(text, "git");
    return read ? std::string() : read.error().message();
  };
  CHECK(fault("") == "");
  CHECK(fault("#\n \t\r\n# x") == "");
  for (const auto* line : {"git", "git h", "git h a b c", "got h a", "git h* a", "git h /a", "git h a b:c"})
    CHECK_MESSAGE(fault("\n" + std::string(line) + "\n").starts_with("line 2 "), line);
  CHECK(fault("git h a\ndocker h b\ngit h c\n").starts_with("line 3 "));
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "\n";
  CHECK(fault(many) == "");
  CHECK(fault(many + "\n").starts_with("line 1001 "));
}

}  // namespace
