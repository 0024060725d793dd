// A fault at every call that a copy or a restore makes to the place it goes to: the place holds it whole or
// not at all, what is told is true, and the same can be done again.
#include "support/dump.hpp"
#include "support/played_vault.hpp"
#include "support/temp_dir.hpp"

namespace tokenvault::test {
namespace {

using Doubt = FaultPlan::Doubt;

constexpr int kTokens = 40;  // enough for nodes below the top

std::string name_of(int i) { return "t/" + std::to_string(i); }

/// A vault, and the same after `name_of(3)` was changed.
struct Ages {
  Dump backup, newer;
};

const Ages& ages() {
  static const Ages both = [] {
    VaultFixture at;
    auto vault = at.create();
    for (int i = 0; i < kTokens; ++i) put(vault, name_of(i), "old");
    Ages made;
    made.backup = Dump::of(*at.store);
    put(vault, name_of(3), "new");
    made.newer = Dump::of(*at.store);
    return made;
  }();
  return both;
}

/// Where a copy goes to; its anchors have seen the newer vault where a test says so.
struct Place : PlayedVault {
  [[nodiscard]] VaultOptions remembering() const {
    auto chosen = played_options();
    chosen.anchors = folder / "anchors";
    return chosen;
  }
  void see_newer() const {
    const std::shared_ptr<Store> seen = ages().newer.store();
    auto vault = Vault::open(std::make_unique<SharedStore>(seen), raw_key(), remembering());
    REQUIRE(vault);
    put(*vault, name_of(3), "lost");
  }
  TempDir folder;
};

struct Arrival {
  const char* name;
  std::function<void(Place&)> prepare;  ///< before any fault
  std::function<Status(Place&)> run;
  bool over;  ///< a vault is there before
};

Vault original() {
  auto vault = Vault::open(ages().backup.store(), raw_key());
  REQUIRE(vault);
  return *std::move(vault);
}

Status restore(Place& at, bool replace) {
  return status_of(Vault::restore(at.played_store(), ages().backup.store(), raw_key(), {.replace = replace},
                                  at.remembering()));
}

std::vector<Arrival> arrivals() {
  const auto nothing = [](Place&) {};
  return {
      {"backup_to", nothing, [](Place& at) { return status_of(original().backup_to(*at.played_store())); },
       false},
      {"migrate_to", nothing, [](Place& at) { return status_of(original().migrate_to(*at.played_store())); },
       false},
      {"restore", nothing, [](Place& at) { return restore(at, false); }, false},
      {"restore behind an anchor", [](Place& at) { at.see_newer(); },
       [](Place& at) { return restore(at, false); }, false},
      {"restore over", [](Place& at) { at.store = ages().newer.store(); },
       [](Place& at) { return restore(at, true); }, true},
      {"accept_stale",
       [](Place& at) {
         at.see_newer();
         at.store = ages().backup.store();
       },
       [](Place& at) {
         return status_of(Vault::accept_stale(at.played_store(), raw_key(), {}, at.remembering()));
       },
       true},
  };
}

/// One way in which the place fails.
struct Fault {
  const char* name;
  std::function<void(Place&, std::size_t nth)> plan;
};

std::vector<Fault> faults() {
  const auto fail = [](Errc code) {
    return [code](Place& at, std::size_t nth) { at.plan->fail_call(nth, code); };
  };
  /// The first commit is in doubt, and then the nth call fails too.
  const auto twice = [](Doubt how) {
    return [how](Place& at, std::size_t nth) {
      at.plan->doubt_commit(1, how);
      once(at.script->after_commit, [&at, nth] { at.plan->fail_call(nth, Errc::io); });
    };
  };
  return {{"io", fail(Errc::io)},
          {"unavailable", fail(Errc::unavailable)},
          {"in doubt, happened, then io", twice(Doubt::applied)},
          {"in doubt, did not happen, then io", twice(Doubt::not_applied)}};
}

/// Whether the copy has arrived. Torn it must not be.
bool arrived(const Place& at, bool over, std::uint64_t before) {
  const auto vault = Vault::open(at.view(), raw_key());
  if (!vault) {
    CHECK(code_of(vault) == Errc::no_vault);
    CHECK_FALSE(over);
    return false;
  }
  check_clean(*vault);
  CHECK(vault->list()->size() == kTokens);
  const bool moved = !over || vault->info()->generation > before;
  if (moved) CHECK(text_of(vault->get(name_of(3))) == "old");
  return moved;
}

std::uint64_t generation_of(const Place& at) {
  const auto vault = Vault::open(at.view(), raw_key());
  return vault ? vault->info()->generation : 0;
}

void check_after(Place& at, const Arrival& arrival, const Status& status, std::uint64_t before) {
  const bool there = arrived(at, arrival.over, before);
  if (status)
    CHECK(there);
  else if (status.error().code() != Errc::in_doubt)
    CHECK_FALSE(there);
  if (!there) CHECK(arrival.run(at));
  CHECK(arrived(at, arrival.over, before));
}

/// Whether the fault was met: when it was not, there is no such call any more.
bool sweep_one(const Arrival& arrival, const Fault& fault, std::size_t nth) {
  Place at;
  arrival.prepare(at);
  const auto before = generation_of(at);
  fault.plan(at, nth);
  const auto status = arrival.run(at);
  if (at.plan->pending() != 0 || at.script->after_commit) return false;
  if (!status) {
    const auto code = status.error().code();
    CHECK_MESSAGE((code == Errc::io || code == Errc::unavailable || code == Errc::in_doubt),
                  status.error().message());
  }
  check_after(at, arrival, status, before);
  return true;
}

TEST_CASE("a fault at every call of everything that arrives") {
  std::size_t points = 0;
  for (const auto& arrival : arrivals()) {
    for (const auto& fault : faults()) {
      for (std::size_t nth = 1; nth < 1000; ++nth) {
        CAPTURE(arrival.name);
        CAPTURE(fault.name);
        CAPTURE(nth);
        if (!sweep_one(arrival, fault, nth)) break;
        ++points;
      }
    }
  }
  CHECK(points > 300);
  MESSAGE(points << " points of failure");
}

}  // namespace
}  // namespace tokenvault::test
