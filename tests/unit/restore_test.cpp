// What comes back over what, and which numbers are never given out again.
#include "support/dump.hpp"
#include "support/filled_vault.hpp"

namespace tokenvault::test {
namespace {

TEST_CASE("a backup into an empty place is newer than all that this machine saw") {
  Filled at;
  const auto copy = at.backup();
  const auto backed_up = at.open().info()->generation;
  at.advance();
  at.advance();
  at.advance("twice", "third");
  const auto seen = at.open().info()->generation;
  auto place = empty_store();
  const auto report = Vault::restore(view(place), view(copy), raw_key(), {}, at.anchored());
  REQUIRE_MESSAGE(report, (report ? "" : report.error().message()));
  CHECK(report->generation == seen + kLeap);
  CHECK(report->tokens == 61);
  auto vault = at.open_anchored(place);
  REQUIRE(vault);
  check_contents(*vault);
  // Three commits were lost, and each may have given out a number of any token.
  CHECK(put(*vault, "twice", "after") == 2 + (seen - backed_up) + 1);
  CHECK(code_of(at.open_anchored(at.store)) == Errc::stale);
}

TEST_CASE("without an anchor nothing is known to be lost, and no number is skipped") {
  Filled at;
  const auto copy = at.backup();
  auto place = empty_store();
  const auto report = Vault::restore(view(place), view(copy), raw_key(), {}, at.options());
  REQUIRE(report);
  auto vault = Vault::open(view(place), raw_key(), at.options());
  REQUIRE(vault);
  check_contents(*vault);
  CHECK(put(*vault, "twice", "after") == 3);
  CHECK(put(*vault, "destroyed", "after") == 2);
}

TEST_CASE("a restore over a vault brings the contents back and keeps keys, numbers and clients") {
  Filled at;
  auto client = at.open();
  CHECK(text_of(client.get("twice")) == "second");
  const auto copy = at.backup();
  auto writer = at.open();
  put(writer, "twice", "third");
  put(writer, "new", "only here");
  REQUIRE(writer.erase("t/33"));
  REQUIRE(writer.undelete("erased"));
  REQUIRE(writer.rotate_master());
  REQUIRE(writer.add_key(raw_key('n')));
  put(writer, "twice", "fourth");
  const auto newer = writer.info();

  CHECK(code_of(Vault::restore(at.view(), view(copy), raw_key(), {}, at.options())) == Errc::conflict);
  CHECK(text_of(writer.get("twice")) == "fourth");

  const auto report = Vault::restore(at.view(), view(copy), raw_key(), {.replace = true}, at.options());
  REQUIRE_MESSAGE(report, (report ? "" : report.error().message()));
  CHECK(report->dropped == std::vector<std::string>{"new"});
  CHECK(report->generation == newer->generation + kLeap);
  check_contents(at.open());
  check_contents(client);
  check_contents(at.open(raw_key('n')));
  CHECK(client.info()->epoch == newer->epoch);
  CHECK(put(client, "twice", "fifth") == 5);
  CHECK(put(client, "new", "again") == 2);
}

TEST_CASE("a restore over a vault brings back records that are not in its store any more") {
  Filled at;
  const auto copy = at.backup();
  auto writer = at.open();
  REQUIRE(writer.destroy("twice"));
  REQUIRE(Vault::restore(at.view(), view(copy), raw_key(), {.replace = true}, at.options()));
  check_contents(at.open());
  check_contents(writer);
  const auto report = at.open().verify();
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
}

TEST_CASE("what belongs to another vault, or does not open, is refused and changes nothing") {
  Filled at;
  Filled other;
  const auto foreign = other.backup();
  CHECK(code_of(Vault::restore(at.view(), view(foreign), raw_key(), {.replace = true}, at.options())) ==
        Errc::refused);
  const auto copy = at.backup();
  auto place = empty_store();
  CHECK(code_of(Vault::restore(view(place), view(copy), raw_key('x'), {}, at.options())) == Errc::wrong_key);
  CHECK(code_of(Vault::restore(view(place), view(empty_store()), raw_key(), {}, at.options())) ==
        Errc::no_vault);
  CHECK(*place->revision() == Revision::absent);
  check_contents(at.open());
}

TEST_CASE("a backup from before a new master key begins an epoch above the one that was seen") {
  Filled at;
  {
    auto vault = at.open();
    REQUIRE(vault.add_key(raw_key('s')));
  }
  const auto copy = at.backup();
  {
    auto vault = at.open_anchored(at.store);
    REQUIRE(vault);
    const auto spare = raw_key('s');
    REQUIRE(vault->rotate_master({.keep = {&spare}}));
  }
  auto place = empty_store();
  CHECK(code_of(Vault::restore(view(place), view(copy), raw_key(), {}, at.anchored())) == Errc::refused);
  CHECK(*place->revision() == Revision::absent);
  const auto spare = raw_key('s');
  RestoreOptions options;
  options.slots.keep = {&spare};
  REQUIRE(Vault::restore(view(place), view(copy), raw_key(), options, at.anchored()));
  for (const char key : {'k', 's'}) {
    const auto vault = at.open_anchored(place, raw_key(key));
    REQUIRE(vault);
    CHECK(vault->info()->epoch == 3);
    check_contents(*vault);
  }
}

TEST_CASE("an older copy in the vault's place is made the newest again") {
  Filled at;
  const auto older = at.backup();
  at.advance();
  at.advance("twice", "third");
  CHECK(code_of(at.open_anchored(older)) == Errc::stale);
  CHECK(code_of(Vault::restore(view(older), view(at.backup()), raw_key(), {}, at.anchored())) == Errc::stale);
  const auto seen = at.open().info()->generation;
  const auto report = Vault::accept_stale(view(older), raw_key(), {}, at.anchored());
  REQUIRE_MESSAGE(report, (report ? "" : report.error().message()));
  CHECK(report->generation == seen + kLeap);
  auto vault = at.open_anchored(older);
  REQUIRE(vault);
  check_contents(*vault);
  CHECK(put(*vault, "twice", "after") > 3);
  CHECK(code_of(Vault::accept_stale(view(older), raw_key(), {}, at.anchored())) == Errc::refused);
  CHECK(code_of(Vault::accept_stale(view(empty_store()), raw_key(), {}, at.anchored())) == Errc::no_vault);
}

TEST_CASE("of two lines that parted, the one that stays gives out no number of the other's") {
  Filled at;
  const std::shared_ptr<Store> other = Dump::of(*at.store).store();
  for (const auto* value : {"third", "fourth", "fifth"}) {
    at.advance("twice", value);
    auto parted = Vault::open(view(other), raw_key(), at.options());
    REQUIRE(parted);
    put(*parted, "meanwhile", value);
  }
  CHECK(code_of(at.open_anchored(other)) == Errc::stale);
  REQUIRE(Vault::accept_stale(view(other), raw_key(), {}, at.anchored()));
  auto vault = at.open_anchored(other);
  REQUIRE(vault);
  check_contents(*vault);
  CHECK(put(*vault, "twice", "after") > 5);
}

TEST_CASE("a vault that stands in a backup's way stays as it is, and the error says what to do") {
  Filled at;
  const auto copy = at.backup();
  const auto restore = [&](const std::shared_ptr<Store>& place, char key) {
    return Vault::restore(view(place), view(copy), raw_key(key), {.replace = true}, at.anchored());
  };
  at.advance();
  const auto stale = restore(copy, 'k');
  CHECK(code_of(stale) == Errc::stale);
  CHECK(stale.error().message().find("restore into an empty place") != std::string::npos);
  {
    auto vault = at.open();
    REQUIRE(vault.add_key(raw_key('n')));
    REQUIRE(vault.remove_key(*vault.check_key(raw_key())));
  }
  const auto before = Dump::of(*at.store);
  const auto locked = restore(at.store, 'k');
  CHECK(code_of(locked) == Errc::wrong_key);
  CHECK(locked.error().message().find("restore into an empty place") != std::string::npos);
  CHECK(Dump::of(*at.store).root == before.root);
  CHECK(Dump::of(*at.store).blobs == before.blobs);
}

TEST_CASE("a vault is not made over records that lost their root") {
  struct Rootless final : SharedStore {
    using SharedStore::SharedStore;
    Result<Revision> revision() override { return Revision::absent; }
    Result<Root> root() override { return Error(Errc::no_vault, "no root"); }
  };
  Filled at;
  CHECK(code_of(Vault::create(std::make_unique<Rootless>(at.store), raw_key(), at.options())) ==
        Errc::tampered);
}

}  // namespace
}  // namespace tokenvault::test
