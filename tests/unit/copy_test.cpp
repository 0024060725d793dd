// A whole vault elsewhere: backups and moves.
#include "support/filled_vault.hpp"

namespace tokenvault::test {
namespace {

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

TEST_CASE("a copy that does not hold what was sent is no copy, and one that a client goes on with is one") {
  struct Forgetful final : SharedStore {
    using SharedStore::SharedStore;
    Result<Bytes> get(const BlobId& id) override {
      if (missing && id == *missing) return Error(Errc::not_found, "gone");
      auto bytes = SharedStore::get(id);
      if (bytes && changed && id == *changed) bytes->front() ^= std::byte{1};
      return bytes;
    }
    Result<Root> root() override {
      auto root = SharedStore::root();
      if (root && other_root) root->bytes.back() ^= std::byte{1};
      return root;
    }
    Result<Revision> commit(const Commit& commit) override {
      auto done = SharedStore::commit(commit);
      after();
      return done;
    }
    std::optional<BlobId> missing, changed;
    bool other_root = false;
    std::function<void()> after = [] {};
  };
  Filled at;
  const auto inner = empty_store();
  Forgetful target(inner);
  const auto some = at.store->list(std::nullopt, 30)->back();
  auto expected = Errc::tampered;
  SUBCASE("a blob is missing") { target.missing = some; }
  SUBCASE("a blob is another") { target.changed = some; }
  SUBCASE("the root is another") { target.other_root = true; }
  SUBCASE("a client went on") {
    expected = Errc{};
    target.after = [&] {
      auto client = Vault::open(view(inner), raw_key(), at.options());
      REQUIRE(client);
      put(*client, "t/33", "went on");
    };
  }
  const auto report = at.open().backup_to(target);
  if (expected == Errc::tampered)
    CHECK(code_of(report) == Errc::tampered);
  else
    CHECK_MESSAGE(report, (report ? "" : report.error().message()));
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

}  // namespace
}  // namespace tokenvault::test
