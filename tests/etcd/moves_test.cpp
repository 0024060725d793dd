// A whole vault from and to etcd: moves, backups, restores.
#include "support/etcd_place.hpp"
#include "support/filled_vault.hpp"
#include "tokenvault/lease.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

/// One on this machine, of that backend.
std::unique_ptr<Store> local(const TempDir& folder, const std::string& backend) {
  auto store = open_store(backend + ":" + folder / backend, {.create = true});
  REQUIRE(store);
  return *std::move(store);
}

}  // namespace

TEST_CASE("a vault moves to etcd and back, and what was left behind is stale") {
  for (const std::string backend : {"sqlite", "file"}) {
    CAPTURE(backend);
    Filled at;
    EtcdPlace place;
    TempDir folder;
    REQUIRE(at.open().migrate_to(*local(folder, backend)));
    auto vault = Vault::open(local(folder, backend), raw_key(), at.anchored());
    REQUIRE(vault);
    const auto moved = vault->migrate_to(*place.open());
    REQUIRE_MESSAGE(moved, (moved ? "" : moved.error().message()));
    CHECK(moved->tokens == 61);
    auto there = Vault::open(place.open(), raw_key(), at.anchored());
    REQUIRE(there);
    CHECK(there->info()->vault_id == vault->info()->vault_id);
    check_contents(*there);
    CHECK(put(*there, "twice", "third") == 3);
    CHECK(code_of(Vault::open(local(folder, backend), raw_key(), at.anchored())) == Errc::stale);

    TempDir home;
    REQUIRE(there->migrate_to(*local(home, backend)));
    auto back = Vault::open(local(home, backend), raw_key(), at.anchored());
    REQUIRE(back);
    CHECK(text_of(back->get("twice")) == "third");
    CHECK(text_of(back->get("t/33")) == "v33");
    CHECK(code_of(Vault::open(place.open(), raw_key(), at.anchored())) == Errc::stale);
  }
}

TEST_CASE("a vault moves from one place on etcd to another, and into an empty one only") {
  Filled at;
  EtcdPlace first, second;
  REQUIRE(at.open().migrate_to(*first.open()));
  auto vault = Vault::open(first.open(), raw_key(), at.options());
  REQUIRE(vault);
  CHECK(code_of(vault->migrate_to(*first.open())) == Errc::already_exists);
  REQUIRE(vault->migrate_to(*second.open()));
  CHECK(code_of(vault->migrate_to(*second.open())) == Errc::already_exists);
  check_contents(*Vault::open(second.open(), raw_key(), at.options()));
}

TEST_CASE("a backup of a vault on etcd is restored there, over what came after and into an empty place") {
  Filled at;
  EtcdPlace place, elsewhere;
  TempDir folder;
  REQUIRE(at.open().migrate_to(*place.open()));
  auto vault = Vault::open(place.open(), raw_key(), at.anchored());
  REQUIRE(vault);
  REQUIRE(vault->backup_to(*local(folder, "file")));
  CHECK(put(*vault, "twice", "lost") == 3);
  put(*vault, "new", "lost as well");
  const auto lease = vault->lease("twice");
  CHECK(text_of(lease.get()) == "lost");

  const auto over =
      Vault::restore(place.open(), local(folder, "file"), raw_key(), {.replace = true}, at.anchored());
  REQUIRE_MESSAGE(over, (over ? "" : over.error().message()));
  check_contents(*vault);
  CHECK(text_of(lease.get()) == "second");
  CHECK(put(*vault, "twice", "after") > 3);

  const auto afresh = Vault::restore(elsewhere.open(), local(folder, "file"), raw_key(), {}, at.anchored());
  REQUIRE_MESSAGE(afresh, (afresh ? "" : afresh.error().message()));
  auto other = Vault::open(elsewhere.open(), raw_key(), at.anchored());
  REQUIRE(other);
  check_contents(*other);
}

TEST_CASE("a large vault goes there in one step, and what is read there is what was written") {
  VaultFixture at;
  auto vault = at.create();
  EtcdPlace place;
  for (int i = 0; i < 1500; ++i) put(vault, "t/" + std::to_string(i), "v" + std::to_string(i));
  const auto report = vault.migrate_to(*place.open());
  REQUIRE_MESSAGE(report, (report ? "" : report.error().message()));
  CHECK(report->tokens == 1500);
  const auto there = Vault::open(place.open(), raw_key(), at.options());
  REQUIRE(there);
  const auto found = there->verify();
  REQUIRE(found);
  CHECK(found->faults.empty());
  CHECK(found->orphans == 0);
  CHECK(text_of(there->get("t/1499")) == "v1499");
}
