// A watch that says nothing, nonsense, or ends: a lease follows all the same, a little later.
#include <chrono>
#include <thread>

#include "support/etcd_control.hpp"
#include "support/vault_fixture.hpp"
#include "tokenvault/lease.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

using SteadyClock = std::chrono::steady_clock;

/// A vault that writes and one that follows, and time that is real.
struct Followed {
  Followed() : writer(made(Vault::create(place.open(), raw_key(), {}))) {
    control.tell("right");
    put(writer, "a", "0");
  }
  static Vault made(Result<Vault> vault) {
    REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
    return *std::move(vault);
  }
  Vault reader() { return made(Vault::open(place.open(), raw_key(), {})); }
  void order(const std::string& kind, int count) {
    control.tell("fault watch 0 " + std::to_string(count) + " " + kind);
  }

  EtcdPlace place;
  EtcdControl control;
  Vault writer;
};

/// Whether it is told of `value`, which is there, by a read that begins a second from now or before: no answer from
/// before is trusted longer than that.
bool is_told(const Lease& lease, const std::string& value) {
  const auto due = SteadyClock::now() + 1s;
  for (;;) {
    const auto begun = SteadyClock::now();
    if (text_of(lease.get()) == value) return true;
    if (begun >= due) return false;
  }
}

std::string say(int status, std::string_view body) {
  return "say " + std::to_string(status) + " " + EtcdControl::hex(body);
}

}  // namespace

TEST_CASE("a lease follows however the watch fails, within a second") {
  for (const auto& kind :
       {std::string("mute"), std::string("cut"), std::string("cut-after"), std::string("hang"), say(503, "x"),
        say(200, "garbage\n"), say(200, "{}\n"), say(200, std::string(1000, '[') + "\n"),
        say(200, R"({"result":{"events":[7]}})"
                 "\n"),
        say(200, R"({"result":{"canceled":true,"compact_revision":"2"}})"
                 "\n"),
        say(200, R"({"error":{"grpc_code":7,"message":"etcdserver: permission denied"}})"
                 "\n"),
        std::string("large 20")}) {
    CAPTURE(kind.substr(0, 80));
    Followed at;
    at.order(kind, 1'000'000);
    const auto reader = at.reader();
    const auto lease = reader.lease("a");
    CHECK(text_of(lease.get()) == "0");
    for (const std::string value : {"1", "2"}) {
      put(at.writer, "a", value);
      CHECK(is_told(lease, value));
    }
    at.control.tell("right");
  }
}

TEST_CASE("after a watch has failed once it tells again at once") {
  for (const std::string kind : {"cut", "mute"}) {
    CAPTURE(kind);
    Followed at;
    at.order(kind, 1);
    const auto reader = at.reader();
    const auto lease = reader.lease("a");
    for (int i = 1; i <= 3; ++i) {
      put(at.writer, "a", std::to_string(i));
      CHECK(is_told(lease, std::to_string(i)));
    }
    // By now there is a watch that works.
    const auto before = at.control.count("arrived watch");
    for (int i = 4; i < 8; ++i) {
      put(at.writer, "a", std::to_string(i));
      CHECK(*lease.wait(static_cast<std::uint32_t>(i), 10s) == static_cast<std::uint32_t>(i + 1));
    }
    CHECK(at.control.count("arrived watch") <= before + 1);
  }
}

TEST_CASE("a warm read asks nothing but once a second, and many leases share one watch") {
  Followed at;
  const auto watches = at.control.count("arrived watch");
  const auto reader = at.reader();
  std::vector<Lease> leases;
  for (int i = 0; i < 20; ++i) leases.push_back(reader.lease("a"));
  for (const auto& lease : leases) CHECK(text_of(lease.get()) == "0");
  const auto watched = [&] { return at.control.count("arrived watch") - watches; };
  for (const auto end = SteadyClock::now() + 60s; watched() == 0 && SteadyClock::now() < end;)
    CHECK(text_of(leases.front().get()) == "0");
  const auto before = at.control.count("arrived any");
  const auto begun = SteadyClock::now();
  for (int i = 0; i < 500; ++i)
    for (const auto& lease : leases)
      if (text_of(lease.get()) != "0") FAIL("another value");
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(SteadyClock::now() - begun).count();
  CHECK(at.control.count("arrived any") - before <= seconds + 1);
  CHECK(watched() == 1);
}
