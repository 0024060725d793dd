// A gateway that fails in each way that is known, between a store or a vault and its etcd: the code and one line say
// what is known, and no change is lost or made twice.
#include <chrono>

#include "support/contract_place.hpp"
#include "support/etcd_control.hpp"
#include "support/filled_vault.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

std::string say(int status, std::string_view body) {
  return "say " + std::to_string(status) + " " + EtcdControl::hex(body);
}
std::string say_after(int status, std::string_view body) {
  return "say-after " + std::to_string(status) + " " + EtcdControl::hex(body);
}
std::string etcd_error(int code, std::string_view words) {
  return R"({"error":")" + std::string(words) + R"(","message":")" + std::string(words) + R"(","code":)" +
         std::to_string(code) + "}";
}
const std::string kTimedOut = etcd_error(14, "etcdserver: request timed out");

/// Two stores at a fake gateway, and a first commit. Where the machine is busy an answer takes long: `hasty` is for
/// calls that end by the time.
struct Faulty {
  explicit Faulty(std::string_view user = "") {
    control.tell("right");
    store = open(user, 10s, 2s);
    hasty = open(user, 2500ms, 800ms);
    const auto first = commit_to(*store, Revision::absent, "one", {blob_of(1, "a")});
    REQUIRE_MESSAGE(first, (first ? "" : first.error().message()));
    revision = *first;
  }
  [[nodiscard]] std::unique_ptr<Store> open(std::string_view user, std::chrono::milliseconds timeout,
                                            std::chrono::milliseconds answer_timeout) const {
    auto options = EtcdPlace::options();
    options.timeout = timeout;
    options.answer_timeout = answer_timeout;
    options.user = user;
    if (!user.empty()) options.password = secret("password");
    return place.open_with(std::move(options));
  }
  [[nodiscard]] Store& for_code(Errc code) const { return code == Errc::unreachable ? *hasty : *store; }
  void order(const std::string& path, const std::string& kind, int count = 1, int skip = 0) {
    control.tell("fault " + path + " " + std::to_string(skip) + " " + std::to_string(count) + " " + kind);
  }
  void heal() { control.tell("right"); }
  int arrived(const std::string& path) { return control.count("arrived " + path); }

  EtcdPlace place;
  EtcdControl control;
  std::unique_ptr<Store> store, hasty;
  Revision revision = Revision::absent;
};

constexpr int kForEver = 1'000'000;

struct Way {
  std::string kind;
  Errc code;
};

}  // namespace

TEST_CASE("a read that goes wrong once is tried again") {
  Faulty at;
  for (const auto& kind :
       {say(503, kTimedOut), say(500, "<html>"), std::string("cut"), std::string("cut-after"),
        std::string("reset-after"), std::string("cut-within"), std::string("hang"), std::string("drip")}) {
    CAPTURE(kind);
    at.order("kv/range", kind);
    CHECK(Place::root_text_of(*at.store) == "one");
    CHECK(at.control.count("left") == 0);
    at.heal();
  }
}

TEST_CASE("a read that goes wrong for ever ends, with its code and one line") {
  const std::array ways{
      Way{say(503, kTimedOut), Errc::unreachable},
      Way{say(502, "<html>bad gateway</html>"), Errc::unreachable},
      Way{"cut", Errc::unreachable},
      Way{"cut-within", Errc::unreachable},
      Way{"hang", Errc::unreachable},
      Way{"drip", Errc::unreachable},
      Way{"large 100", Errc::unreachable},
      Way{say(302, "x") + " Location=/v3/kv/put", Errc::unreachable},
      Way{say(404, "404 page not found"), Errc::unreachable},
      Way{say(200, "<html>log in</html>"), Errc::io},
      Way{say(200, ""), Errc::io},
      Way{say(200, "[]"), Errc::io},
      Way{say(200, "{}"), Errc::io},
      Way{say(200, R"({"header":{}})"), Errc::io},
      Way{say(200, R"({"header":{"revision":"many"}})"), Errc::io},
      Way{say(200, R"({"header":{"revision":"5"},"kvs":{}})"), Errc::io},
      Way{say(200, R"({"header":{"revision":"5"},"kvs":[7]})"), Errc::io},
      Way{say(200, R"({"header":{"revision":"5"},"kvs":[{}]})"), Errc::io},
      Way{say(200, R"({"header":{"revision":"5"},"kvs":[{"key":5,"value":"YQ=="}]})"), Errc::io},
      Way{say(200, R"({"header":{"revision":"5"},"kvs":[{"key":"YQ==","value":"Y*=="}]})"), Errc::io},
      Way{say(200, R"({"header":{"revision":"5"},"kvs":[{"key":"YQ==","mod_revision":"-1"}]})"), Errc::io},
      Way{"deep 100000", Errc::io},
      Way{say(401, etcd_error(16, "etcdserver: invalid auth token")), Errc::permission_denied},
      Way{say(400, etcd_error(3, "etcdserver: user name is empty")), Errc::permission_denied},
      Way{say(403, etcd_error(7, "etcdserver: permission denied")), Errc::permission_denied},
  };
  Faulty at;
  for (const auto& way : ways) {
    CAPTURE(way.kind.substr(0, 200));
    at.order("kv/range", way.kind, kForEver);
    auto& store = at.for_code(way.code);
    check_error(store.root(), way.code);
    check_error(store.revision(), way.code);
    check_error(store.get(id_of(1)), way.code);
    check_error(store.list(std::nullopt, 10), way.code);
    at.heal();
    CHECK(Place::root_text_of(*at.store) == "one");
  }
  CHECK(at.arrived("kv/put") == 0);
}

TEST_CASE("zeros written out and old HTTP are answers like any other") {
  Faulty at;
  for (const std::string kind : {"explicit", "old"}) {
    CAPTURE(kind);
    at.order("any", kind, kForEver);
    CHECK(Place::root_text_of(*at.store) == "one");
    CHECK(Place::get_text_of(*at.store, 7) == "not_found");
    check_error(commit_to(*at.store, Revision{7}, "no"), Errc::conflict);
    const auto done = commit_to(*at.store, at.revision, "one", {blob_of(2, "b")});
    REQUIRE(done);
    at.revision = *done;
    CHECK(list_all(*at.store).size() == 2);
    at.heal();
  }
}

/// What is left of a change whose answer never came, by one request and no more.
void check_in_doubt(const std::string& kind, bool happens, bool warm) {
  CAPTURE(kind.substr(0, 100));
  CAPTURE(warm);
  Faulty at;
  if (!warm) {
    at.order("kv/range", "close-after");
    CHECK(Place::root_text_of(*at.store) == "one");
  }
  const auto before = at.arrived("kv/txn");
  at.order("kv/txn", kind, kForEver);
  check_error(commit_to(*at.store, at.revision, "two", {blob_of(2, "b")}), Errc::in_doubt);
  // On a connection that is just being closed the request may be lost on its way.
  const auto arrived = at.arrived("kv/txn") - before;
  CHECK(arrived <= 1);
  if (warm) CHECK(arrived == 1);
  happens = happens && arrived == 1;
  at.heal();
  CHECK(Place::root_text_of(*at.store) == (happens ? "two" : "one"));
  CHECK(Place::get_text_of(*at.store, 2) == (happens ? "b" : "not_found"));
  CHECK((*at.store->revision() == at.revision) == !happens);
}

TEST_CASE("a change whose answer does not come is in doubt, and is sent once") {
  for (const bool warm : {true, false}) {
    for (const auto& kind :
         {std::string("cut-after"), std::string("reset-after"), std::string("cut-within"),
          std::string("hang"), std::string("drip"), say_after(503, kTimedOut), say_after(500, "x"),
          say_after(200, "garbage"), say_after(200, ""), say_after(200, "{}"),
          say_after(200, R"({"succeeded":true})"), say_after(200, std::string(100'000, '[')),
          say_after(302, "x") + " Location=/v3/kv/txn",
          say_after(200, R"({"header":{"revision":"5"},"responses":7})"),
          say_after(200, R"({"header":{"revision":"5"},"succeeded":"yes"})"),
          say_after(200, R"({"header":{"revision":"5"}})")})
      check_in_doubt(kind, true, warm);
    for (const auto& kind : {std::string("cut"), say(503, kTimedOut), std::string("large 100")})
      check_in_doubt(kind, false, warm);
  }
}

TEST_CASE("a change that etcd refuses is refused, and nothing of it is there") {
  const std::array ways{
      Way{say(403, etcd_error(7, "etcdserver: permission denied")), Errc::permission_denied},
      Way{say(401, etcd_error(16, "etcdserver: invalid auth token")), Errc::permission_denied},
      Way{say(429, etcd_error(8, "etcdserver: mvcc: database space exceeded")), Errc::io},
      Way{say(503, etcd_error(8, "etcdserver: mvcc: database space exceeded")), Errc::io},
      Way{say(429, etcd_error(8, "etcdserver: too many requests")), Errc::unavailable},
      Way{say(400, etcd_error(3, "etcdserver: request is too large")), Errc::io},
  };
  Faulty at;
  for (const auto& way : ways) {
    CAPTURE(way.kind);
    at.order("kv/txn", way.kind, kForEver);
    check_error(commit_to(*at.store, at.revision, "two", {blob_of(2, "b")}), way.code);
    check_error(commit_to(*at.store, at.revision, "two", std::vector<Blob>{blob_of(2, "b")},
                          std::vector<BlobId>(1, id_of(1))),
                way.code);
    at.heal();
    CHECK(Place::root_text_of(*at.store) == "one");
    CHECK(list_all(*at.store).size() == 1);
  }
}

TEST_CASE("sizes that no store takes never reach it") {
  Faulty at;
  const auto before = at.arrived("any");
  const std::string root(kMaxRootSize - kRootShell, 'r'), blob(kMaxBlobSize, 'b');
  check_error(commit_to(*at.store, at.revision, root + "r"), Errc::invalid_argument);
  check_error(commit_to(*at.store, at.revision, ""), Errc::invalid_argument);
  check_error(commit_to(*at.store, at.revision, "r", {blob_of(2, blob + "b")}), Errc::invalid_argument);
  check_error(commit_to(*at.store, at.revision, "r", {blob_of(2, "")}), Errc::invalid_argument);
  CHECK(at.arrived("any") == before);
}

TEST_CASE("a log-in that is no longer taken is made anew once, and what was asked is done once") {
  Faulty at("vault");
  const auto stale = say(401, etcd_error(16, "etcdserver: invalid auth token"));
  const auto logins = at.arrived("auth/authenticate");
  at.order("kv/range", stale);
  CHECK(Place::root_text_of(*at.store) == "one");
  CHECK(at.arrived("auth/authenticate") == logins + 1);
  at.order("kv/txn", stale);
  const auto done = commit_to(*at.store, at.revision, "two", {blob_of(2, "b")});
  REQUIRE_MESSAGE(done, (done ? "" : done.error().message()));
  CHECK(at.arrived("auth/authenticate") == logins + 2);
  CHECK(Place::root_text_of(*at.store) == "two");

  at.order("kv/range", stale, kForEver);
  check_error(at.store->root(), Errc::permission_denied);
  CHECK(at.arrived("auth/authenticate") == logins + 3);
  at.heal();

  at.order("kv/range", stale, kForEver);
  for (const auto& way : {Way{say(400, etcd_error(3, "authentication failed, invalid user ID or password")),
                              Errc::permission_denied},
                          Way{"cut", Errc::unreachable}, Way{say(503, kTimedOut), Errc::unreachable},
                          Way{say(200, "{}"), Errc::io}, Way{say(200, "garbage"), Errc::io}}) {
    CAPTURE(way.kind);
    at.order("auth/authenticate", way.kind, kForEver);
    const auto root = at.for_code(way.code).root();
    check_error(root, way.code);
    CHECK(root.error().message().find("password\"") == std::string::npos);
    at.heal();
    at.order("kv/range", stale, kForEver);
  }
}

TEST_CASE("a large change that fails at any step is not done, and what it left is cleared away by the next") {
  std::vector<Blob> put;
  for (std::uint32_t i = 10; i < 410; ++i) put.push_back(blob_of(i, "x"));
  for (const std::string kind : {"cut", "cut-after", "hang"})
    for (int step = 0;; ++step) {
      CAPTURE(kind);
      CAPTURE(step);
      Faulty at;
      at.order("kv/txn", kind, kForEver, step);
      const auto done = commit_to(*at.store, at.revision, "two", put);
      const bool met = at.control.count("left") < kForEver;
      at.heal();
      if (!met) {
        CHECK(done);
        CHECK(step > 3);
        break;
      }
      const bool in_doubt = !done && done.error().code() == Errc::in_doubt;
      const bool happened = Place::root_text_of(*at.store) == "two";
      if (done) CHECK(happened);
      if (happened) {
        CHECK((done || in_doubt));
        CHECK(list_all(*at.store).size() == 401);
      } else {
        CHECK_MESSAGE((in_doubt || done.error().code() == Errc::unreachable), done.error().message());
        // Its marker goes with its lease.
        for (const auto& [key, value] : at.control.below("/" + at.place.prefix() + "/upload/"))
          if (std::ranges::count(key, '/') == 3) at.control.erase(key);
      }
      const auto well = at.place.open();
      const auto next = commit_to(*well, *well->revision(), "three", put);
      REQUIRE_MESSAGE(next, (next ? "" : next.error().message()));
      CHECK(well->compact());
      CHECK(list_all(*well).size() == 401);
      CHECK(at.control.below("/" + at.place.prefix() + "/").size() == 403);
    }
}

TEST_CASE("erasing that was cut off after the change is made up for, and spares what was put again") {
  Faulty at;
  std::vector<Blob> put;
  std::vector<BlobId> ids;
  for (std::uint32_t i = 10; i < 610; ++i) put.push_back(blob_of(i, "x"));
  for (const auto& blob : put) ids.push_back(blob.id);
  auto revision = *commit_to(*at.store, at.revision, "two", put);
  // A log-in-less change of nothing but erasures: marker, swap, and then the erasing.
  at.order("kv/txn", "cut", kForEver, 2);
  const auto done = commit_to(*at.store, revision, "three", {}, ids);
  REQUIRE_MESSAGE(done, (done ? "" : done.error().message()));
  at.heal();
  CHECK(Place::root_text_of(*at.store) == "three");
  const auto again = commit_to(*at.store, *done, "four", {blob_of(10, "x"), blob_of(11, "new bytes")});
  if (again) {
    CHECK(at.store->compact());
    CHECK(Place::get_text_of(*at.store, 10) == "x");
  }
  CHECK(at.store->compact());
  CHECK(list_all(*at.store).size() == (again ? 3 : 1));
  CHECK(at.control.below("/" + at.place.prefix() + "/erase/").empty());
}

TEST_CASE("whatever happens to its transactions, a vault makes each change once") {
  for (const auto& kind :
       {std::string("cut"), std::string("cut-after"), std::string("reset-after"), std::string("cut-within"),
        std::string("hang"), say(503, kTimedOut), say_after(503, kTimedOut), say_after(200, "garbage"),
        say_after(200, "{}"), std::string("close-after"), std::string("explicit")}) {
    CAPTURE(kind);
    Faulty at;
    EtcdPlace place;
    auto options = EtcdPlace::options();
    options.answer_timeout = 800ms;
    auto vault = Vault::create(place.open_with(std::move(options)), raw_key(), {});
    REQUIRE(vault);
    for (std::uint32_t i = 1; i <= 4; ++i) {
      at.order("kv/txn", kind, static_cast<int>(i % 3));
      CHECK(put(*vault, "a", "v" + std::to_string(i)) == i);
      at.heal();
    }
    const auto info = Vault::open(place.open(), raw_key(), {})->info("a");
    REQUIRE(info);
    CHECK(info->versions.size() == 4);
    CHECK(info->version == 4);
    CHECK(vault->verify()->orphans == 0);
  }
}
