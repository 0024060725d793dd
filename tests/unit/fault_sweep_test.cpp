// A fault at every single call that an operation makes to its store: afterwards the vault opens, what
// was acknowledged is there, what was not is wholly there or wholly absent, and the same object goes on.
#include "support/dump.hpp"
#include "support/played_vault.hpp"

namespace tokenvault::test {
namespace {

using Doubt = FaultPlan::Doubt;

constexpr int kTokens = 40;  // enough for nodes below the top
constexpr int kErased = 8;   // the ones that an operation takes away
constexpr int kDestroyed = 9;

std::string name_of(int i) { return "t/" + std::to_string(i); }
std::string value_of(int i) { return "value " + std::to_string(i); }

/// The X25519 key pair whose public half is added.
const PublicKey& recipient() {
  static const PublicKey key = make_key_pair()->public_key;
  return key;
}

/// One thing a vault does, and how to tell afterwards whether it is done.
struct Operation {
  const char* name;
  std::function<Status(Vault&)> run;
  std::function<bool(const Vault&)> done;  ///< empty: it changes nothing
};

std::size_t slots(const Vault& vault) { return vault.info()->slots.size(); }

Verdict reject(const SecretBuffer&, std::uint32_t) { return Verdict::rejected; }

TokenSource one_fresh_one_changed() {
  auto given = std::make_shared<int>(0);
  return [given]() -> Result<std::optional<NewToken>> {
    switch ((*given)++) {
      case 0: return std::optional(NewToken{"fresh", secret("made")});
      case 1: return std::optional(NewToken{name_of(7), secret("changed")});
      default: return std::optional<NewToken>();
    }
  };
}

/// A copy that is called done is one.
Status copied(Result<CopyReport> (Vault::*copy)(Store&) const, const Vault& vault) {
  const std::shared_ptr<Store> target = *open_memory_store();
  const auto report = (vault.*copy)(*target);
  if (report) check_clean(*Vault::open(std::make_unique<SharedStore>(target), raw_key()));
  return status_of(report);
}

std::vector<Operation> operations() {
  const auto read_right = [](const Vault& vault) -> Status {
    const auto value = vault.get(name_of(3));
    if (value) CHECK(text_of(*value) == value_of(3));
    return status_of(value);
  };
  return {
      {"get", read_right, {}},
      {"get previous", [](Vault& v) { return status_of(v.get("twice", {.stage = Stage::previous})); }, {}},
      {"list", [](Vault& v) { return status_of(v.list()); }, {}},
      {"info", [](Vault& v) { return status_of(v.info()); }, {}},
      {"info of a token", [](Vault& v) { return status_of(v.info(name_of(5))); }, {}},
      {"check_key", [](Vault& v) { return status_of(v.check_key(raw_key('s'))); }, {}},
      {"verify",
       [](Vault& v) {
         const auto report = v.verify();
         if (report) CHECK(report->faults.empty());
         return status_of(report);
       },
       {}},
      {"put anew", [](Vault& v) { return status_of(v.put("fresh", secret("made"))); },
       [](const Vault& v) { return v.get("fresh").has_value(); }},
      {"put again", [](Vault& v) { return status_of(v.put(name_of(7), secret("changed"))); },
       [](const Vault& v) { return text_of(v.get(name_of(7))) == "changed"; }},
      {"rollback", [](Vault& v) { return status_of(v.rollback("twice", 1)); },
       [](const Vault& v) { return text_of(v.get("twice")) == "first"; }},
      {"erase", [](Vault& v) { return v.erase(name_of(kErased)); },
       [](const Vault& v) { return !v.get(name_of(kErased)).has_value(); }},
      {"undelete", [](Vault& v) { return v.undelete("hidden"); },
       [](const Vault& v) { return v.get("hidden").has_value(); }},
      {"with_token", [](Vault& v) { return status_of(v.with_token("twice", reject)); }, {}},
      {"destroy", [](Vault& v) { return v.destroy(name_of(kDestroyed)); },
       [](const Vault& v) { return !v.get(name_of(kDestroyed)).has_value(); }},
      {"mark_suspect", [](Vault& v) { return v.mark_suspect("twice", 2); },
       [](const Vault& v) { return v.info("twice")->suspect.has_value(); }},
      {"put_all", [](Vault& v) { return status_of(v.put_all(one_fresh_one_changed(), Existing::replace)); },
       [](const Vault& v) {
         const bool fresh = v.get("fresh").has_value();
         CHECK((text_of(v.get(name_of(7))) == "changed") == fresh);
         return fresh;
       }},
      {"backup_to", [](Vault& v) { return copied(&Vault::backup_to, v); }, {}},
      {"migrate_to", [](Vault& v) { return copied(&Vault::migrate_to, v); }, {}},
      {"expiring", [](Vault& v) { return status_of(v.expiring(Time(std::chrono::days(40'000)))); }, {}},
      {"add_key", [](Vault& v) { return status_of(v.add_key(raw_key('n'))); },
       [](const Vault& v) { return v.check_key(raw_key('n')).has_value(); }},
      {"add_recipient", [](Vault& v) { return status_of(v.add_recipient(recipient())); },
       [](const Vault& v) { return slots(v) == 3; }},
      {"remove_key",
       [](Vault& v) {
         const auto spare = v.check_key(raw_key('s'));
         return spare ? v.remove_key(*spare) : Status(spare.error());
       },
       [](const Vault& v) { return slots(v) == 1; }},
      {"rotate_master",
       [](Vault& v) {
         const auto spare = raw_key('s');
         return v.rotate_master({.keep = {&spare}});
       },
       [](const Vault& v) { return v.info()->epoch == 3; }},
  };
}

/// One way in which the store fails.
struct Fault {
  const char* name;
  bool commits;  ///< counts commits alone
  std::function<void(PlayedVault&, std::size_t nth)> plan;
};

void fall_silent(PlayedVault& at) {
  once(at.script->after_commit, [&at] { at.script->down = true; });
}

std::vector<Fault> faults() {
  const auto doubt = [](Doubt how) {
    return [how](PlayedVault& at, std::size_t nth) { at.plan->doubt_commit(nth, how); };
  };
  const auto silence = [](Doubt how) {
    return [how](PlayedVault& at, std::size_t nth) {
      at.plan->doubt_commit(nth, how);
      fall_silent(at);
    };
  };
  /// The first commit is in doubt, and then the nth call fails too.
  const auto twice = [](Doubt how) {
    return [how](PlayedVault& at, std::size_t nth) {
      at.plan->doubt_commit(1, how);
      once(at.script->after_commit, [&at, nth] { at.plan->fail_call(nth, Errc::io); });
    };
  };
  return {
      {"io", false, [](PlayedVault& at, std::size_t nth) { at.plan->fail_call(nth, Errc::io); }},
      {"unavailable", false,
       [](PlayedVault& at, std::size_t nth) { at.plan->fail_call(nth, Errc::unavailable); }},
      {"in doubt, happened", true, doubt(Doubt::applied)},
      {"in doubt, did not happen", true, doubt(Doubt::not_applied)},
      {"in doubt, happened, then silence", true, silence(Doubt::applied)},
      {"in doubt, did not happen, then silence", true, silence(Doubt::not_applied)},
      {"in doubt, happened, then io", false, twice(Doubt::applied)},
      {"in doubt, did not happen, then io", false, twice(Doubt::not_applied)},
  };
}

/// Two epochs, two keys, nodes, a token with two versions.
const Dump& sample() {
  static const Dump dump = [] {
    VaultFixture at;
    auto vault = at.create();
    for (int i = 0; i < kTokens; ++i) put(vault, name_of(i), value_of(i));
    put(vault, "twice", "first");
    put(vault, "hidden", "h");
    REQUIRE(vault.erase("hidden"));
    REQUIRE(vault.rotate_master());
    put(vault, "twice", "second");
    REQUIRE(vault.add_key(raw_key('s')));
    return Dump::of(*at.store);
  }();
  return dump;
}

struct Sample : PlayedVault {
  Sample() { store = sample().store(); }
};

void check_sound(const Vault& vault) {
  check_clean(vault);
  const auto listed = vault.list();
  REQUIRE(listed);
  std::size_t tokens = kTokens + 1;
  for (const char* added : {"fresh", "after", "hidden"}) tokens += vault.get(added) ? 1 : 0;
  for (const int taken : {kErased, kDestroyed}) tokens -= vault.get(name_of(taken)) ? 0 : 1;
  CHECK(listed->size() == tokens);
  CHECK(vault.info()->tokens == tokens);
  for (const int i : {0, 3, 20, kTokens - 1}) CHECK(text_of(vault.get(name_of(i))) == value_of(i));
  CHECK(text_of(vault.get("twice", {.number = 1})) == "first");
}

/// What must hold after `status`, in a view of its own and in the vault itself.
void check_after(const PlayedVault& at, Vault& vault, const Operation& operation, const Status& status) {
  const auto fresh = at.open();
  check_sound(fresh);
  check_sound(vault);
  if (operation.done) {
    const bool done = operation.done(fresh);
    CHECK(operation.done(vault) == done);
    if (status)
      CHECK(done);
    else if (status.error().code() != Errc::in_doubt)
      CHECK_FALSE(done);
    else if (!done)
      CHECK(operation.run(vault));  // free to be done again
  }
  CHECK(put(vault, "after", "goes on") == 1);
  CHECK(text_of(vault.get("after")) == "goes on");
  CHECK(text_of(at.open().get("after")) == "goes on");
  check_sound(vault);
}

bool expected(const Status& status) {
  return status || status.error().code() == Errc::io || status.error().code() == Errc::unavailable ||
         status.error().code() == Errc::in_doubt;
}

/// Whether the fault was met: when it was not, the operation has no such call any more.
bool sweep_one(const Operation& operation, const Fault& fault, std::size_t nth, bool warm) {
  Sample at;
  auto vault = at.open_played();
  if (warm)
    for (int i = 0; i < kTokens; ++i) REQUIRE(vault.get(name_of(i)));
  const auto before = fault.commits ? at.plan->commits() : at.plan->calls();
  fault.plan(at, nth);
  const auto status = operation.run(vault);
  at.script->down = false;
  const auto after = fault.commits ? at.plan->commits() : at.plan->calls();
  CHECK_MESSAGE(expected(status), (status ? "" : status.error().message()));
  if (at.plan->pending() == 0) check_after(at, vault, operation, status);
  return at.plan->pending() == 0 && after > before;
}

TEST_CASE("a fault at every call of every operation") {
  std::size_t points = 0;
  for (const bool warm : {false, true}) {
    for (const auto& operation : operations()) {
      for (const auto& fault : faults()) {
        for (std::size_t nth = 1; nth < 1000; ++nth) {
          CAPTURE(operation.name);
          CAPTURE(fault.name);
          CAPTURE(nth);
          CAPTURE(warm);
          if (!sweep_one(operation, fault, nth, warm)) break;
          ++points;
        }
      }
    }
  }
  CHECK(points > 300);
  MESSAGE(points << " points of failure");
}

/// The vault is made or opened under the fault.
bool sweep_birth(const Fault& fault, std::size_t nth, bool make) {
  PlayedVault at;
  if (!make) at.store = sample().store();
  fault.plan(at, nth);
  auto vault = make ? Vault::create(at.played_store(), raw_key(), at.played_options())
                    : Vault::open(at.played_store(), raw_key(), at.played_options());
  at.script->down = false;
  if (at.plan->pending() != 0) return false;
  const auto status = status_of(vault);
  CHECK_MESSAGE(expected(status), (status ? "" : status.error().message()));
  auto again = Vault::open(at.view(), raw_key(), at.options());
  if (vault || !make)
    REQUIRE(again);
  else if (status.error().code() != Errc::in_doubt)
    CHECK(code_of(again) == Errc::no_vault);
  if (!again) again = Vault::create(at.view(), raw_key(), at.options());
  REQUIRE(again);
  put(vault ? *vault : *again, "after", "goes on");
  CHECK(text_of(again->get("after")) == "goes on");
  check_clean(*again);
  return true;
}

TEST_CASE("a fault at every call of making and of opening a vault") {
  std::size_t points = 0;
  for (const bool make : {true, false}) {
    for (const auto& fault : faults()) {
      for (std::size_t nth = 1; nth < 1000; ++nth) {
        CAPTURE(fault.name);
        CAPTURE(nth);
        CAPTURE(make);
        if (!sweep_birth(fault, nth, make)) break;
        ++points;
      }
    }
  }
  CHECK(points > 10);
  MESSAGE(points << " points of failure");
}

}  // namespace
}  // namespace tokenvault::test
