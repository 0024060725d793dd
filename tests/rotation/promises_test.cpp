// R11 to R18 of docs/rotation.md, each with every kind of provider on every writable backend.
#include <algorithm>

#include "support/each_world.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

constexpr auto kName = BrokenWorld::kName;
constexpr std::chrono::hours kTenYears{24 * 3653};

void say_of_new(Worker& worker, TokenState state, std::string owner = "acme") {
  worker.watched.change_probe = [&worker, state, owner](const ProviderRequest& request, ProbeAnswer& answer) {
    const auto now = worker.status();
    if (now.new_version == 0 || request.token == nullptr) return;
    if (!equal_constant_time(*request.token, worker.value(now.new_version))) return;
    answer.state = state;
    answer.owner = state == TokenState::valid ? owner : "";
  };
}

/// A rotation up to the sealed new token.
void issue(Worker& worker) {
  check_done(worker.rotator.start());
  check_done(worker.rotator.issue());
}

void check_not_promoted(Worker& worker) {
  CHECK(worker.version() == 1);
  CHECK(worker.status().open());
}

bool is_owed(const RotationInfo& info, std::uint32_t version) {
  return std::ranges::find(info.obligations, version, &Obligation::version) != info.obligations.end();
}

Result<Vault> copy_of(BrokenWorld& world, Worker& worker, const std::shared_ptr<Store>& target) {
  SharedStore view(target);
  const auto report = worker.vault.migrate_to(view);
  REQUIRE(report);
  return Vault::open(std::make_unique<SharedStore>(target), raw_key(), world.options());
}

}  // namespace

TEST_CASE("R11: a new token is promoted after `valid`, or on a person's word, which is noted") {
  in_each_world([](BrokenWorld&, Worker& worker) {
    issue(worker);
    say_of_new(worker, TokenState::unknown);
    check_fails(worker.rotator.rotate(), Errc::unreachable);
    check_fails(worker.rotator.promote(), Errc::conflict);
    check_not_promoted(worker);
    CHECK_FALSE(worker.status().overridden);
    check_done(worker.rotator.promote(true));
    CHECK(worker.version() == 2);
    CHECK(worker.status().overridden);
  });
}

TEST_CASE("R12: what a rotation made is owed until it is ended or waived, wherever the vault goes") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    if (world.model.old != OldToken::kept) return;
    world.provider.behaviour().fault = [](std::uint64_t, std::string_view verb) {
      return verb == "revoke" ? FakeFault::refuse : FakeFault::none;
    };
    check_done(worker.rotator.rotate());
    world.clock.advance(std::chrono::hours(2));
    static_cast<void>(worker.rotator.resume());  // the first was a person's: nothing is ours to end
    check_done(worker.rotator.rotate());
    world.clock.advance(std::chrono::hours(2));
    if (world.model.revoke) check_fails(worker.rotator.resume(), Errc::unreachable);
    CHECK(is_owed(worker.status(), 1));
    CHECK(is_owed(worker.status(), 2));

    const std::shared_ptr<Store> target = *open_memory_store();
    auto copy = copy_of(world, worker, target);
    REQUIRE(copy);
    Rotator there(*copy, kName, world.log, {});
    CHECK(is_owed(*there.status(), 2));
    CHECK(rotations(*copy)->size() == 1);

    world.provider.behaviour().fault = {};
    const auto ours = there.resume();
    if (world.model.revoke) {
      check_done(ours);
      CHECK_FALSE(is_owed(*there.status(), 2));
      CHECK_FALSE(world.provider.accepts(worker.value(2)));
    }
    CHECK(world.provider.accepts(worker.value(1)));  // not made by us, so not ended by us
    CHECK(is_owed(*there.status(), 1));
    check_fails(there.waive(7), Errc::not_found);
    check_done(there.waive(1));
    CHECK_FALSE(is_owed(*there.status(), 1));
  });
}

TEST_CASE("R12: a token that no rotation made is ended only when told") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    if (world.model.old != OldToken::kept || !world.model.revoke) return;
    check_done(worker.rotator.rotate());
    check_done(worker.rotator.retire());
    CHECK(world.provider.accepts(worker.value(1)));
    check_done(worker.rotator.retire(true));
    CHECK_FALSE(world.provider.accepts(worker.value(1)));
    CHECK(worker.status().obligations.empty());
    CHECK(world.serves(worker.vault));
  });
}

TEST_CASE("R13: no version goes that is in use or owed, however many come") {
  BrokenWorld world(kModels[3], "memory");  // nothing can be ended there
  Worker worker(world);
  for (int i = 0; i < 50; ++i) {
    check_done(worker.rotator.rotate());
    world.clock.advance(std::chrono::hours(2));
    check_done(worker.rotator.resume());
  }
  for (int i = 0; i < 80; ++i) REQUIRE(worker.vault.put(kName, secret("by hand " + std::to_string(i))));
  const auto info = worker.vault.info(kName);
  REQUIRE(info);
  CHECK(info->versions.size() <= 100);
  for (const auto& owed : worker.status().obligations) CHECK(worker.value(owed.version).size() != 0);
  CHECK(worker.status().obligations.size() == 50);
  CHECK(worker.value(131).size() != 0);
}

TEST_CASE("R14: the same value, one that no header can carry, and another organisation's are not promoted") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    if (world.model.issue == Issue::once && world.model.old != OldToken::dies) {
      world.provider.behaviour().same_value = true;
      check_fails(worker.rotator.rotate(), Errc::needs_human);
      check_not_promoted(worker);
      check_fails(worker.rotator.promote(true), Errc::refused);
      check_done(worker.rotator.abort());
      CHECK(worker.status().obligations.empty());  // it is the one in use: nobody must end it
      world.provider.behaviour().same_value = false;
    }
    world.provider.behaviour().wrong_owner = true;
    auto policy = *worker.vault.info(kName)->policy;
    policy.owner = "acme";
    REQUIRE(worker.vault.set_policy(kName, policy));
    check_fails(worker.rotator.rotate(), Errc::needs_human);
    check_not_promoted(worker);
    CHECK(worker.status().note.find("another") != std::string::npos);
    check_fails(worker.rotator.promote(true), Errc::refused);
    check_done(worker.rotator.abort(true));
  });
}

TEST_CASE("R14: a value that no header can carry is not promoted") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    world.provider.behaviour().prefix = "two words\n";
    check_fails(worker.rotator.rotate(), Errc::needs_human);
    check_not_promoted(worker);
    check_fails(worker.rotator.promote(true), Errc::refused);
    CHECK(text_of(worker.value(2)).starts_with("two words"));  // and yet it is kept
    check_done(worker.rotator.abort(true));
  });
}

TEST_CASE("R15: what is rejected twice waits for a person, and every wait is longer up to a cap") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    if (world.model.old == OldToken::dies) return;
    issue(worker);
    say_of_new(worker, TokenState::invalid);
    check_fails(worker.rotator.rotate(), Errc::unreachable);
    CHECK(worker.status().next_try);
    check_fails(worker.rotator.rotate(), Errc::needs_human);
    int probes = 0;
    worker.watched.before_probe = [&](const ProviderRequest&) { ++probes; };
    for (int i = 0; i < 5; ++i) check_fails(worker.rotator.resume(), Errc::needs_human);
    CHECK(probes == 0);
    CHECK(due(worker.vault)->empty());
    check_fails(worker.rotator.verify(), Errc::rejected);
    CHECK(probes == 2);
    check_done(worker.rotator.abort());
    CHECK(world.serves(worker.vault));
  });
}

TEST_CASE("R16: no note, error or line of progress holds a token, whatever the provider says") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    std::string all;
    RotatorOptions options;
    options.progress = [&](const std::string& line) { all += line + "\n"; };
    std::string marker = text_of(worker.value());
    worker.watched.value_seen = [&](const SecretBuffer& value) { marker = text_of(value); };
    worker.watched.change_issue = [&](IssueAnswer& answer) {
      answer.message = "your token is " + marker + ", keep it well";
      answer.id = answer.owner = marker;
    };
    worker.watched.change_probe = [&](const ProviderRequest&, ProbeAnswer& answer) {
      answer.message = answer.id = answer.owner = "x" + marker;
    };
    Rotator rotator(worker.vault, kName, worker.watched, std::move(options));
    for (int i = 0; i < 3; ++i) {
      all += why(rotator.rotate());
      all += why(rotator.status());
      all += why(rotator.resume());
      for (const auto& owed : worker.status().obligations) all += owed.id;
      all += worker.status().owner;
      world.clock.advance(std::chrono::hours(2));
    }
    CHECK(all.find(world.provider.behaviour().prefix) == std::string::npos);
  });
}

TEST_CASE("R17: the vault's own key changes in the middle of a rotation, and neither notices the other") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    issue(worker);
    const auto before = worker.status();
    REQUIRE(worker.vault.rotate_master());
    CHECK(worker.status().phase == before.phase);
    CHECK(worker.status().id == before.id);
    check_done(worker.rotator.rotate());
    REQUIRE(worker.vault.rotate_master());
    world.clock.advance(std::chrono::hours(2));
    check_done(worker.rotator.resume());
    CHECK(worker.version() == 2);
    CHECK(world.serves(worker.vault));
    CHECK(worker.value(1).size() != 0);
    CHECK(worker.value(2).size() != 0);
  });
}

TEST_CASE("R18: a clock that jumps ten years ends no grace and starts no rotation") {
  in_each_world([](BrokenWorld& world, Worker& worker) {
    auto policy = *worker.vault.info(kName)->policy;
    policy.rotate_after = std::chrono::hours(24 * 90);
    REQUIRE(worker.vault.set_policy(kName, policy));
    check_done(worker.rotator.rotate());
    const auto promoted = worker.status();
    for (const auto jump : {kTenYears, -2 * kTenYears, kTenYears}) {
      world.clock.step(jump);
      check_done(worker.rotator.resume());
      CHECK(worker.status().phase == promoted.phase);
      const auto found = due(worker.vault);
      REQUIRE(found);
      for (const auto& token : *found) CHECK(token.reason == DueReason::far_late);
      CHECK(worker.vault.info(kName)->versions.size() == 2);
    }
    if (world.model.old == OldToken::dies) return;
    CHECK(promoted.phase == Phase::promoted);
    world.clock.reboot();
    world.clock.step(kTenYears);
    check_done(worker.rotator.resume());
    CHECK(worker.status().phase == Phase::promoted);
    world.clock.step(-kTenYears);
    world.clock.advance(std::chrono::seconds(601));
    static_cast<void>(worker.rotator.resume());
    CHECK(worker.status().phase != Phase::promoted);
  });
}
