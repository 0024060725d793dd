// Servers that are not what they seem, or fail where it hurts.
#include <fcntl.h>

#include <array>
#include <chrono>
#include <mutex>

#include "attack_server.hpp"
#include "core/bytes.hpp"
#include "etcd/watch.hpp"
#include "support/fake_clock.hpp"
#include "tokenvault/etcd.hpp"

namespace tokenvault::test {
namespace {

using namespace std::chrono_literals;

const std::string kHead = R"("header":{"cluster_id":"1","revision":"7"})";
const std::string kNothing = "{" + kHead + "}";
const std::string kNoSpace = R"({"error":"etcdserver: mvcc: database space exceeded","code":8})";
constexpr std::string_view kRevisionOf1 = "AQAAAAAAAAA=";  // 8 bytes, as base64 has them

std::unique_ptr<Store> open_at(const std::string& hosts, EtcdOptions options = {}) {
  return open_etcd_store("http://" + hosts + "/p", std::move(options)).value();
}

Result<Revision> commit_to(Store& store, Revision expected = Revision::absent) {
  static const Bytes root(100, std::byte{1});
  return store.commit({.expected = expected, .root = root, .put = {}, .erase = {}});
}

/// The answer to a read of one key.
std::string one(std::string_view key, std::string_view value, std::string_view modified = "7") {
  return "{" + kHead + R"(,"kvs":[{"key":")" + std::string(key) + R"(","value":")" + std::string(value) +
         R"(","mod_revision":")" + std::string(modified) + R"("}]})";
}

void check_code(const Result<Revision>& result, Errc code) {
  REQUIRE(!result.has_value());
  INFO(result.error().message());
  CHECK(to_string(result.error().code()) == to_string(code));
  CHECK(result.error().message().find('\n') == std::string::npos);
}

/// The value that a transaction gives to the key `revision`, in base64.
std::string new_revision(const std::string& transaction) {
  const auto changes = transaction.find("\"success\"");
  const auto key = transaction.find(R"("key":"L3AvcmV2aXNpb24=","value":")", changes);
  if (key == std::string::npos) return {};
  const auto value = key + 34;
  return transaction.substr(value, transaction.find('"', value) - value);
}

TEST_CASE("a change that went down with its member is in doubt, and not made elsewhere") {
  for (const bool leave : {false, true}) {
    std::atomic<int> changes = 0;
    const auto play = [&](const std::string& path, const std::string&) {
      changes += path == "/v3/kv/txn" ? 1 : 0;
      return path == "/v3/kv/txn" ? Answer{"", true, leave} : Answer::of(200, kNothing);
    };
    AttackServer one(play), other(play);
    const auto store = open_at(one.host() + "," + other.host());
    REQUIRE(store->revision().has_value());  // the connection that is kept
    check_code(commit_to(*store), Errc::in_doubt);
    CHECK(changes == 1);
  }
}

TEST_CASE("a member that is being stopped has refused nothing") {
  for (const auto& way : {std::pair(408, 1), {499, 1}, {409, 10}, {500, 2}, {504, 4}, {503, 14}}) {
    const auto status = way.first, code = way.second;
    CAPTURE(status);
    AttackServer server([&](const std::string&, const std::string&) {
      return Answer::of(status, R"({"error":"context canceled","code":)" + std::to_string(code) + "}");
    });
    check_code(commit_to(*open_at(server.host())), Errc::in_doubt);
    CHECK(server.asked() == 1);
  }
}

TEST_CASE("a change that used up the space is told from one that was refused for it") {
  std::string kept;
  bool made = true;
  AttackServer server([&](const std::string& path, const std::string& request) {
    if (path != "/v3/kv/txn") return Answer::of(200, kept.empty() ? kNothing : one("eA==", kept));
    if (made) kept = new_revision(request);
    return Answer::of(429, kNoSpace);
  });
  const auto store = open_at(server.host());
  const auto done = commit_to(*store);
  REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message()));
  CHECK(*done == store->revision().value());
  made = false;
  check_code(commit_to(*store, *done), Errc::io);
  kept = kRevisionOf1;  // somebody else's, on top of it or in its place
  check_code(commit_to(*store, *done), Errc::in_doubt);
}

TEST_CASE("what answers in JSON is not etcd for that") {
  AttackServer server(
      [](const std::string&, const std::string&) { return Answer::of(200, R"({"status":"ok"})"); });
  const auto store = open_at(server.host());
  check_code(store->revision(), Errc::io);
  check_code(commit_to(*store, Revision{3}), Errc::in_doubt);
}

EtcdOptions with_account() {
  EtcdOptions options;
  options.user = "u";
  options.password = std::move(SecretBuffer::copy_of(as_bytes("pw"))).value();
  return options;
}

TEST_CASE("a log-in adds no lines to what other members are asked") {
  std::atomic<bool> added = false;
  AttackServer server([&](const std::string& path, const std::string& request) {
    added = added || request.find("\r\nX-Added:") != std::string::npos;
    return Answer::of(
        200, path == "/v3/auth/authenticate" ? R"({"header":{},"token":"t\r\nX-Added: 1"})" : kNothing);
  });
  check_code(open_at(server.host(), with_account())->revision(), Errc::io);
  CHECK(!added);
}

TEST_CASE("where etcd has no accounts it is asked for a log-in once") {
  std::atomic<int> log_ins = 0;
  AttackServer server([&](const std::string& path, const std::string&) {
    if (path != "/v3/auth/authenticate") return Answer::of(200, kNothing);
    ++log_ins;
    return Answer::of(400, R"({"error":"etcdserver: authentication is not enabled","code":9})");
  });
  const auto store = open_at(server.host(), with_account());
  for (int i = 0; i < 5; ++i) CHECK(store->revision().has_value());
  CHECK(log_ins == 1);
}

TEST_CASE("a list without an end has one") {
  // "/p/blob/" and 48 zeros, again and again.
  const std::string key = "L3AvYmxvYi8wMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=";
  AttackServer server([&](const std::string&, const std::string&) {
    return Answer::of(200, "{" + kHead + R"(,"more":true,"kvs":[{"key":")" + key + R"("}]})");
  });
  const auto ids = open_at(server.host())->list(std::nullopt, 10'000'000);
  REQUIRE(!ids.has_value());
  CHECK(ids.error().code() == Errc::tampered);
  const auto compacted = open_at(server.host())->compact();
  REQUIRE(!compacted.has_value());
  CHECK(compacted.error().code() == Errc::tampered);
}

TEST_CASE("no connection stays open in a program that the process turns into") {
  int open = 0, inherited = 0;
  AttackServer server([](const std::string&, const std::string&) { return Answer::of(200, kNothing); });
  const auto store = open_at(server.host());
  REQUIRE(store->revision().has_value());
  for (int fd = 3; fd < 256; ++fd) {
    sockaddr_in peer = {};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || peer.sin_family != AF_INET)
      continue;
    ++open;
    inherited += (::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0 ? 1 : 0;
  }
  CHECK(open > 0);
  CHECK(inherited == 0);
}

/// What /v3/watch answers, how often it was asked while somebody waited for 2.5 s, and how many seconds that took.
std::pair<int, std::int64_t> watches_beside_a_wait(const Answer& watch) {
  std::atomic<int> watches = 0;
  AttackServer server([&](const std::string& path, const std::string&) {
    watches += path == "/v3/watch" ? 1 : 0;
    return path == "/v3/watch" ? watch : Answer::of(200, kNothing);
  });
  const auto begun = std::chrono::steady_clock::now();
  CHECK(*open_at(server.host())->wait(Revision::absent, 2500ms, system_clock()) == Revision::absent);
  const auto passed = std::chrono::steady_clock::now() - begun;
  CHECK(passed >= 2500ms);
  return {watches, std::chrono::ceil<std::chrono::seconds>(passed).count()};
}

TEST_CASE("a wait lasts as long as it was to, and watches that fail do not follow each other at once") {
  const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
  CHECK(watches_beside_a_wait({head}).first == 1);
  for (const char* text :
       {R"({"result":{"canceled":true}})", R"({"result":{"canceled":true,"compact_revision":"3"}})", ""}) {
    const auto [watches, seconds] = watches_beside_a_wait({head + text + "\n", true});
    CHECK(watches <= seconds + 1);
  }
}

TEST_CASE("news that waited to be read is not taken for new") {
  const std::string event =
      R"({"result":{"events":[{"kv":{"key":"eA==","value":"AgAAAAAAAAA=","mod_revision":"9"}}]}})";
  AttackServer server([&](const std::string& path, const std::string&) {
    if (path == "/v3/watch") return Answer{"HTTP/1.1 200 OK\r\n\r\n" + event + "\n"};
    return Answer::of(200, one("eA==", kRevisionOf1));
  });
  const FakeClock clock;
  EtcdOptions options;
  options.clock = &clock;
  etcd::Gateway gateway({{"http://" + server.host()}, "/p/"}, std::move(options));
  etcd::Watch watch(gateway, "x");
  watch.follow();
  watch.confirm(watch.question(), Revision{1}, 5);
  CHECK(watch.told() == Revision{1});
  clock.sleep(1h);
  const auto end = std::chrono::steady_clock::now() + 20s;
  bool trusted = false;
  for (const auto before = watch.question().version;
       watch.question().version == before && std::chrono::steady_clock::now() < end;)
    trusted = trusted || watch.told().has_value();
  CHECK(!trusted);
  const auto question = watch.question();
  clock.sleep(2s);  // a slow answer is as old as its question
  watch.confirm(question, Revision{2}, 9);
  CHECK(!watch.told().has_value());
  watch.confirm(watch.question(), Revision{2}, 9);
  CHECK(watch.told() == Revision{2});
}

}  // namespace
}  // namespace tokenvault::test
