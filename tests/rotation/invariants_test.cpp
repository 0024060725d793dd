// R1 to R10 of docs/rotation.md, each with every kind of provider on every writable backend.
#include <atomic>
#include <map>
#include <thread>

#include "support/each_world.hpp"
#include "tokenvault/lease.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

constexpr auto kName = BrokenWorld::kName;

/// What another process sees at this moment.
RotationInfo seen_by_another(BrokenWorld& world) { return Worker(world).status(); }

void lose_all(BrokenWorld& world, std::string_view verb, FakeFault fault) {
  world.provider.behaviour().fault = [verb, fault](std::uint64_t, std::string_view asked) {
    return asked == verb ? fault : FakeFault::none;
  };
}

bool same(const RotationInfo& a, const RotationInfo& b) {
  return a.phase == b.phase && a.id == b.id && a.old_version == b.old_version &&
         a.new_version == b.new_version && a.note == b.note && a.obligations.size() == b.obligations.size() &&
         a.asks == b.asks;
}

}  // namespace

TEST_CASE("R1: the intent is durable, under an id of its own, before the provider is asked") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    std::vector<std::string> ids;
    worker.watched.before_issue = [&](const ProviderRequest& request) {
      const auto seen = seen_by_another(world);
      CHECK(seen.phase == Phase::issuing);
      CHECK(seen.id == request.rotation);
      CHECK(request.rotation.size() == 22);
      ids.push_back(request.rotation);
    };
    check_done(worker.rotator.rotate());
    world.clock.advance(std::chrono::hours(2));
    check_done(worker.rotator.resume());
    check_done(worker.rotator.rotate());
    REQUIRE(ids.size() == 2);
    CHECK(ids[0] != ids[1]);
  });
}

TEST_CASE("R2: a new token is sealed and durable before it is looked at, whatever comes with it") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    SecretBuffer fresh;
    bool probed = false;
    worker.watched.value_seen = [&](const SecretBuffer& value) {
      fresh = secret(text_of(value));
      probed = false;  // the old one may have been asked about before
    };
    worker.watched.after_keep = [&] {
      Worker other(world);
      const auto seen = other.status();
      CHECK(seen.phase == Phase::staged);
      CHECK(equal_constant_time(other.value(seen.new_version), fresh));
      CHECK_FALSE(probed);
    };
    worker.watched.before_probe = [&](const ProviderRequest&) { probed = true; };
    worker.watched.change_issue = [](IssueAnswer& answer) {
      answer.reply = Reply::refused;
    };  // and yet it came
    check_done(worker.rotator.rotate());
    CHECK(equal_constant_time(worker.value(), fresh));
  });
}

TEST_CASE(
    "R3: whenever a rotation stops, the current token is good while the provider lets the old one live") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    if (world.model.old == OldToken::dies) return;
    const auto good = [&](const auto&...) {
      Worker other(world);
      CHECK(world.serves(other.vault));
    };
    worker.watched.before_issue = good;
    worker.watched.after_keep = good;
    worker.watched.before_probe = good;
    worker.watched.before_revoke = good;
    check_done(worker.rotator.rotate());
    good();
    world.clock.advance(std::chrono::hours(2));
    check_done(worker.rotator.resume());
    good();
  });
}

TEST_CASE("R4: a token that was received stays in the vault, however its rotation is given up") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    check_done(worker.rotator.issue());
    CHECK(worker.status().phase == Phase::idle);  // nothing was begun
    check_done(worker.rotator.start());
    check_done(worker.rotator.issue());
    const auto number = worker.status().new_version;
    const auto fresh = worker.value(number);
    check_done(worker.rotator.abort(true));
    CHECK(equal_constant_time(worker.value(number), fresh));
    CHECK(worker.version() == 1);
    world.check_nothing_lost();
    CHECK(worker.vault.destroy(kName).error().code() == Errc::refused);  // it is owed
    check_done(worker.rotator.waive(number));
    CHECK(worker.vault.destroy(kName));
  });
}

TEST_CASE("R5: a reader sees the old token or the new one, never a mix and never nothing") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    Worker reader(world);
    std::map<std::uint32_t, std::string> seen;
    std::atomic<bool> stop = false;
    std::atomic<int> failures = 0;
    std::thread thread([&] {
      while (!stop) {
        const auto token = reader.vault.lease(kName).token();
        if (!token) {
          ++failures;
          continue;
        }
        const auto [at, fresh] = seen.emplace(token->version, text_of(token->value));
        if (!fresh && at->second != text_of(token->value)) ++failures;
      }
    });
    for (int i = 0; i < 3; ++i) {
      check_done(worker.rotator.rotate());
      world.clock.advance(std::chrono::hours(2));
      check_done(worker.rotator.resume());
    }
    stop = true;
    thread.join();
    CHECK(failures == 0);
    for (const auto& [number, value] : seen) CHECK(text_of(worker.value(number)) == value);
  });
}

TEST_CASE("R6: version numbers grow and come once") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    check_done(worker.rotator.start());
    check_done(worker.rotator.issue());
    check_done(worker.rotator.abort(true));
    const auto aborted = worker.status().new_version;
    CHECK(aborted == 2);
    if (world.model.old == OldToken::dies) return;  // nothing is good any more but what was given up
    check_done(worker.rotator.waive(aborted));
    check_done(worker.rotator.rotate());
    CHECK(worker.version() == 3);
    world.settle();
    for (const auto& owed : worker.status().obligations) check_done(worker.rotator.waive(owed.version));
    REQUIRE(worker.vault.destroy(kName));
    const auto first = world.provider.make_token();
    REQUIRE(worker.vault.put(kName, *first));
    CHECK(worker.version() == 4);
    check_done(worker.rotator.rotate());
    CHECK(worker.version() == 5);
  });
}

TEST_CASE("R7: one rotation at most is open, and a second start finds the first") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    Worker second(world);
    check_done(worker.rotator.start());
    const auto first = worker.status();
    const auto found = second.rotator.start();
    check_done(found);
    CHECK(found->id == first.id);
    check_done(second.rotator.issue());
    const auto late = worker.rotator.start();
    check_done(late);
    CHECK(late->id == first.id);
    CHECK(late->phase == Phase::staged);
    check_done(worker.rotator.rotate());
    CHECK(world.provider.made() == 1);
    CHECK(worker.version() == 2);
  });
}

TEST_CASE(
    "R8: resume may run any number of times, in a process that knows nothing, and makes at most one token") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    check_done(worker.rotator.start());
    check_done(worker.rotator.issue());
    lose_all(world, "probe", FakeFault::lose_request);
    check_fails(Worker(world).rotator.resume(), Errc::unreachable);
    const auto stopped = worker.status();
    for (int i = 0; i < 4; ++i) {
      check_fails(Worker(world).rotator.resume(), Errc::unreachable);
      CHECK(same(worker.status(), stopped));
    }
    world.provider.behaviour().fault = {};
    for (int i = 0; i < 3; ++i) {
      check_done(Worker(world).rotator.resume());
      world.clock.advance(std::chrono::hours(2));
    }
    const auto ended = worker.status();
    CHECK_FALSE(ended.open());
    check_done(Worker(world).rotator.resume());
    CHECK(same(worker.status(), ended));
    CHECK(world.provider.made() == 1);
    CHECK(worker.version() == 2);
  });
}

TEST_CASE(
    "R9: abort leaves the current token and lets the next rotation begin; not where only the new one is "
    "good") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    const bool dies = world.model.old == OldToken::dies;
    check_done(worker.rotator.start());
    check_done(worker.rotator.abort());
    CHECK(worker.status().phase == Phase::aborted);
    CHECK(worker.version() == 1);
    check_done(worker.rotator.start());
    check_done(worker.rotator.issue());
    if (dies) {
      check_fails(worker.rotator.abort(), Errc::needs_human);
      CHECK(worker.status().phase == Phase::staged);
      check_done(worker.rotator.rotate());
      return;
    }
    check_done(worker.rotator.verify());
    check_done(worker.rotator.abort());
    CHECK(worker.version() == 1);
    CHECK(world.serves(worker.vault));
    REQUIRE(worker.status().obligations.size() == 1);
    CHECK(worker.status().obligations[0].ours);
    check_done(worker.rotator.waive(2));
    check_done(worker.rotator.rotate());
    check_done(worker.rotator.abort());  // in its grace: it stays promoted
    CHECK(worker.version() == 3);
    CHECK_FALSE(worker.status().open());
  });
}

TEST_CASE("R10: a provider that cannot be understood changes nothing") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    check_done(worker.rotator.start());
    check_done(worker.rotator.issue());
    lose_all(world, "probe", FakeFault::lose_request);
    for (int i = 0; i < 12; ++i) {
      check_fails(worker.rotator.rotate(), Errc::unreachable);
      world.clock.advance(std::chrono::hours(7));
      const auto now = worker.status();
      CHECK(now.phase == Phase::staged);
      CHECK_FALSE(now.asks);
    }
    CHECK(worker.version() == 1);
    CHECK(worker.value(2).size() != 0);
    CHECK(worker.vault.info(kName)->versions.size() == 2);
    lose_all(world, "revoke", FakeFault::lose_request);
    world.provider.behaviour().fault = {};
    if (world.model.old == OldToken::expires) return;  // the old one has ended meanwhile
    check_done(worker.rotator.rotate());
    CHECK(worker.version() == 2);
  });
}
