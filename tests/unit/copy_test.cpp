// A whole vault elsewhere: backups, moves, and what comes back over what.
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

constexpr std::uint64_t kLeap = std::uint64_t{1} << 32;

std::shared_ptr<Store> empty_store() { return *open_memory_store(); }

std::unique_ptr<Store> view(const std::shared_ptr<Store>& store) {
  return std::make_unique<SharedStore>(store);
}

/// A vault with nodes, versions, an erased and a destroyed token, and an anchors file.
struct Filled : VaultFixture {
  Filled() {
    auto vault = create();
    for (int i = 0; i < 60; ++i) put(vault, "t/" + std::to_string(i), "v" + std::to_string(i));
    put(vault, "twice", "first");
    put(vault, "twice", "second", {.label = "a remark"});
    put(vault, "erased", "e");
    put(vault, "destroyed", "d");
    REQUIRE(vault.erase("erased"));
    REQUIRE(vault.destroy("destroyed"));
  }

  [[nodiscard]] VaultOptions anchored() const {
    auto chosen = options();
    chosen.anchors = folder / "anchors";
    return chosen;
  }
  /// Opens as a machine that remembers.
  [[nodiscard]] Result<Vault> open_anchored(const std::shared_ptr<Store>& where,
                                            const KeySource& key = raw_key()) const {
    return Vault::open(tokenvault::test::view(where), key, anchored());
  }
  /// A write by that machine, so that the anchor moves.
  void advance(std::string_view name = "marker", std::string_view value = "seen") const {
    auto vault = open_anchored(store);
    REQUIRE(vault);
    put(*vault, name, value);
  }
  [[nodiscard]] std::shared_ptr<Store> backup() const {
    auto copy = empty_store();
    REQUIRE(open().backup_to(*copy));
    return copy;
  }

  TempDir folder;
};

void check_contents(const Vault& vault) {
  const auto report = vault.verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
  CHECK(vault.list("t/")->size() == 60);
  CHECK(text_of(vault.get("t/33")) == "v33");
  CHECK(text_of(vault.get("twice")) == "second");
  CHECK(text_of(vault.get("twice", {.number = 1})) == "first");
  CHECK(vault.info("twice")->label == "a remark");
  CHECK(code_of(vault.get("erased")) == Errc::not_found);
}

TEST_CASE("a backup is the vault as it was, byte for byte, without orphans") {
  Filled at;
  Blob orphan{.id = {}, .bytes = Bytes(10)};
  const auto root = *at.store->root();
  REQUIRE(at.store->commit({root.revision, root.bytes, std::span(&orphan, 1), {}}));
  const auto copy = empty_store();
  const auto report = at.open().backup_to(*copy);
  REQUIRE(report);
  CHECK((copy->root()->bytes == root.bytes));
  CHECK(report->tokens == 61);
  CHECK(report->generation == at.open().info()->generation);
  CHECK(copy->list(std::nullopt, 1000)->size() == report->blobs);
  CHECK(at.store->list(std::nullopt, 1000)->size() == report->blobs + 1);
  const auto opened = Vault::open(view(copy), raw_key(), at.options());
  REQUIRE(opened);
  check_contents(*opened);
}

TEST_CASE("a copy goes into an empty place only") {
  Filled at;
  const auto taken = at.backup();
  CHECK(code_of(at.open().backup_to(*taken)) == Errc::already_exists);
  CHECK(code_of(at.open().migrate_to(*taken)) == Errc::already_exists);
  CHECK(code_of(at.open().migrate_to(*at.store)) == Errc::already_exists);
  check_contents(at.open());
}

TEST_CASE("after a move the source is an older copy to whoever saw it") {
  Filled at;
  at.advance();
  const auto target = empty_store();
  const auto before = at.open().info();
  const auto source = at.open_anchored(at.store);
  REQUIRE(source);
  const auto report = source->migrate_to(*target);
  REQUIRE(report);
  CHECK(report->generation == before->generation + kLeap);
  auto moved = at.open_anchored(target);
  REQUIRE(moved);
  CHECK(moved->info()->vault_id == before->vault_id);
  check_contents(*moved);
  put(*moved, "goes", "on");
  CHECK(code_of(at.open_anchored(at.store)) == Errc::stale);
  // Who never saw the copy, and keeps no anchors, cannot tell.
  CHECK(text_of(at.open().get("twice")) == "second");
}

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
