// Roots that another writer sealed, with the right key and by docs/format.md, but not as we would.
#include "core/try.hpp"
#include "format/rotation.hpp"
#include "support/forger.hpp"
#include "support/temp_dir.hpp"
#include "tokenvault/fake_provider.hpp"
#include "tokenvault/rotation.hpp"
#include "vault/impl.hpp"

namespace tokenvault::test {
namespace {

/// The root of `at`, changed by `edit` and sealed again under the same master key.
Status reseal(const VaultFixture& at, const Forger::Edit& edit) {
  const auto root = Forger(Dump::of(*at.store), raw_key()).root(edit);
  TV_CHECK(at.store->commit({*at.store->revision(), root, {}, {}}));
  return Ok{};
}

/// The vault still opens and gives what was in it.
void check_alive(const VaultFixture& at) {
  const auto vault = Vault::open(at.view(), raw_key(), at.options());
  REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
  CHECK(text_of(vault->get("a")) == "one");
}

struct Foreign : VaultFixture {
  Foreign() {
    auto vault = create();
    put(vault, "a", "one");
  }
};

TEST_CASE("32 labels of slots that are gone leave room for a new slot's") {
  Foreign at;
  REQUIRE(reseal(at, [](format::Header&, format::Top& top) {
    for (std::uint8_t i = 1; top.labels.size() < format::kMaxSlots; ++i) {
      const format::SlotLabel gone{{std::byte{0}, std::byte{i}}, 1, "gone"};
      top.labels.insert(std::ranges::lower_bound(top.labels, gone.slot, {}, &format::SlotLabel::slot), gone);
    }
  }));
  auto vault = at.open();
  REQUIRE(vault.add_key(raw_key('b'), "new"));
  check_alive(at);
  CHECK(at.open().info()->slots[1].label == "new");
}

TEST_CASE("the last generation can be read, and nothing is written after it") {
  Foreign at;
  REQUIRE(reseal(at, [](format::Header& header, format::Top&) { header.generation = ~std::uint64_t{0}; }));
  auto vault = at.open();
  CHECK(code_of(vault.put("a", secret("two"))) == Errc::refused);
  check_alive(at);
}

TEST_CASE("the last epoch can be read and written, and none follows") {
  Foreign at;
  REQUIRE(reseal(at, [](format::Header& header, format::Top&) {
    header.generation += 1;
    header.epoch = ~std::uint32_t{0};
  }));
  auto vault = at.open();
  CHECK(code_of(vault.rotate_master()) == Errc::refused);
  CHECK(put(vault, "b", "two") == 1);
  CHECK(text_of(at.open().get("b")) == "two");
}

TEST_CASE("a slot of a kind not known here is carried by every change but a new epoch, which names it") {
  Foreign at;
  const SlotId unknown{std::byte{9}};
  REQUIRE(reseal(at, [&](format::Header& header, format::Top&) {
    header.slots.insert(header.slots.begin(), {5, unknown, Bytes(77, std::byte{3})});
  }));
  auto vault = at.open();
  put(vault, "b", "two");
  const auto extra = vault.add_key(raw_key('b'));
  REQUIRE(extra);
  REQUIRE(vault.remove_key(*extra));
  const auto own = vault.info()->slots.front().id;
  CHECK(code_of(vault.remove_key(own)) == Errc::refused);  // the only one that opens anything here
  const auto root = at.store->root();
  REQUIRE(root);
  CHECK(format::parse_root(root->bytes)->header.slots.front().body == Bytes(77, std::byte{3}));
  const auto refused = vault.rotate_master();
  CHECK(code_of(refused) == Errc::refused);
  CHECK(refused.error().message().find("0900000000000000") != std::string::npos);
  REQUIRE(vault.rotate_master({.drop = {unknown}}));
  check_alive(at);
}

TEST_CASE("an expiry that another writer changed without a new version is heeded, cached or not") {
  Foreign at;
  auto vault = at.open();
  CHECK(text_of(vault.get("a")) == "one");
  REQUIRE(reseal(at, [&](format::Header& header, format::Top& top) {
    header.generation += 1;
    auto& entry = top.body.entries.front();
    entry.versions.front().expires = entry.wake = 1'800'000'010;
  }));
  CHECK(text_of(vault.get("a")) == "one");
  at.clock.advance(std::chrono::seconds(10));
  CHECK(code_of(at.open().get("a")) == Errc::expired);
  CHECK(code_of(vault.get("a")) == Errc::expired);
}

TEST_CASE("an entry with as many fields as there may be takes no further one, and keeps them all") {
  Foreign at;
  REQUIRE(reseal(at, [&](format::Header& header, format::Top& top) {
    header.generation += 1;
    auto& fields = top.body.entries.front().fields;
    for (unsigned tag = 0; tag < 256; ++tag)
      if (tag != 4) fields.push_back({static_cast<std::uint8_t>(tag), tag <= 3 ? Bytes{} : Bytes(2)});
  }));
  auto vault = at.open();
  CHECK(code_of(vault.mark_suspect("a", 1)) == Errc::refused);
  check_alive(at);
  CHECK(put(vault, "a", "two") == 2);
  CHECK(vault.verify()->faults.empty());
  CHECK(code_of(vault.mark_suspect("a", 2)) == Errc::refused);
}

TEST_CASE("of more versions than are kept, those go that nobody owes an end") {
  Foreign at;
  REQUIRE(reseal(at, [&](format::Header& header, format::Top& top) {
    header.generation += 1;
    format::Rotation rotation;
    rotation.obligations = {{1, Time(std::chrono::seconds(14)), "x", true}};
    auto& entry = top.body.entries.front();
    entry.set_field(format::FieldTag::rotation, format::encode_rotation(rotation));
    entry.wake = wake_of(entry);
  }));
  auto vault = at.open();
  for (int i = 2; i <= 110; ++i) put(vault, "a", std::to_string(i));
  CHECK(text_of(vault.get("a", {.number = 1})) == "one");
  CHECK(code_of(vault.get("a", {.number = 2})) == Errc::not_found);
  CHECK(text_of(vault.get("a")) == "110");
  CHECK(vault.verify()->faults.empty());
  CHECK(vault.verify()->orphans == 0);
}

/// All numbers that a version of "a" may have are given out.
Status use_up_numbers(const VaultFixture& at) {
  return reseal(at, [](format::Header& header, format::Top& top) {
    header.generation += 1;
    top.body.entries.front().last = ~std::uint32_t{0};
  });
}

TEST_CASE(
    "a token whose numbers are all given out takes no further version, and no provider is asked for one") {
  Foreign at;
  REQUIRE(use_up_numbers(at));
  auto vault = at.open();
  CHECK(code_of(vault.put("a", secret("two"))) == Errc::refused);
  CHECK(code_of(vault.rollback("a", 1)) == Errc::refused);
  FakeProvider provider({}, at.clock);
  CHECK(code_of(Rotator(vault, "a", provider).rotate()) == Errc::refused);
  CHECK(provider.calls() == 0);
  check_alive(at);
}

TEST_CASE("a token that a rotation brings is refused where no number is left for it") {
  Foreign at;
  auto vault = at.open();
  FakeBehaviour by_hand;
  by_hand.capabilities.issue = Issue::human;
  FakeProvider provider(by_hand, at.clock);
  Rotator rotator(vault, "a", provider);
  CHECK(code_of(rotator.rotate()) == Errc::needs_human);
  REQUIRE(use_up_numbers(at));
  CHECK(code_of(rotator.stage(secret("two"))) == Errc::refused);
  check_alive(at);
}

TEST_CASE("what a newer program noted of a rotation is left to it, and keeps nobody from reading") {
  Foreign at;
  REQUIRE(reseal(at, [&](format::Header& header, format::Top& top) {
    header.generation += 1;
    auto& entry = top.body.entries.front();
    entry.set_field(format::FieldTag::policy, Bytes(2));
    entry.set_field(format::FieldTag::rotation, Bytes(2));
    entry.wake = 1;
  }));
  auto vault = at.open();
  CHECK(text_of(vault.get("a")) == "one");
  const auto info = vault.info("a");
  REQUIRE(info);
  CHECK_FALSE(info->policy);
  CHECK_FALSE(info->rotation);
  CHECK(due(vault)->empty());
  CHECK(rotations(vault)->empty());
  CHECK(code_of(vault.put("a", secret("two"))) == Errc::unsupported);
}

TEST_CASE("a policy or a state of a rotation that no vault writes is told by verify, as info tells it") {
  for (const auto tag : {format::FieldTag::policy, format::FieldTag::rotation}) {
    Foreign at;
    REQUIRE(reseal(at, [&](format::Header& header, format::Top& top) {
      header.generation += 1;
      top.body.entries.front().set_field(tag, Bytes(3, std::byte{1}));
    }));
    const auto vault = at.open();
    CHECK(text_of(vault.get("a")) == "one");
    CHECK(code_of(vault.info("a")) == Errc::tampered);
    const auto report = vault.verify();
    REQUIRE(report);
    REQUIRE(report->faults.size() == 1);
    CHECK(report->faults.front().code == Errc::tampered);
    CHECK(report->faults.front().what.starts_with("token a: "));
  }
}

/// A former member kept the first epoch's master key and an old copy, and may write to the store: what
/// they seal is authentic but for its epoch.
void forge_first_epoch(const VaultFixture& at, const Dump& old) {
  VaultFixture workshop;
  workshop.store = old.store();
  REQUIRE(reseal(workshop, [](format::Header& header, format::Top&) { header.generation += 1'000; }));
  const auto forged = Dump::of(*workshop.store);
  std::vector<Blob> blobs;
  for (const auto& [id, bytes] : forged.blobs) blobs.push_back({id, bytes});
  REQUIRE(at.store->commit({*at.store->revision(), forged.root, blobs, {}}));
}

TEST_CASE("an old master key seals no root that anybody takes who has seen a later epoch") {
  Foreign at;
  const TempDir folder;
  auto options = at.options();
  options.anchors = folder / "anchors";
  const auto old = Dump::of(*at.store);
  auto vault = Vault::open(at.view(), raw_key(), options);
  REQUIRE(vault);
  auto reader = at.open();
  REQUIRE(vault->rotate_master());
  put(*vault, "a", "two");
  CHECK(text_of(reader.get("a")) == "two");
  forge_first_epoch(at, old);
  CHECK(code_of(vault->get("a")) == Errc::stale);
  CHECK(code_of(vault->put("b", secret("for all to read"))) == Errc::stale);
  CHECK(code_of(reader.get("a")) == Errc::stale);
  CHECK(code_of(Vault::open(at.view(), raw_key(), options)) == Errc::stale);
}

/// A root for whoever opens by `ann`, made without any of the vault's secrets: her public key, the vault's
/// id and her slot's id are in the header for all to read. `before` is what its history names as the first
/// epoch's master key.
Bytes made_up_root(const VaultFixture& at, const SlotId& slot, const PublicKey& ann, std::uint32_t epoch,
                   const SecretBuffer* before = nullptr) {
  const auto real = at.store->root();
  REQUIRE(real);
  auto header = format::parse_root(real->bytes)->header;
  header.generation += 1;
  header.epoch = epoch;
  header.history.clear();
  const auto master = secret(std::string(32, 'm'));
  if (before != nullptr) {
    auto older = header;
    older.epoch = 1;
    header.history = *Keyring::make(older, secret(text_of(*before)))->history_under(master);
  }
  header.slots = {*keys::make_slot(SlotKind::recipient, ann, {header.vault_id, epoch}, master)};
  format::Slot named{header.slots[0].type, slot, header.slots[0].body};
  header.slots = {*keys::rewrap(named, nullptr, {header.vault_id, epoch}, master)};
  return seal_root(master, header, {}, secret(std::string(32, 't')));
}

TEST_CASE("an open vault follows nobody who did not hold the master key before") {
  for (const std::uint32_t epoch : {1U, 2U, 3U}) {
    Foreign at;
    auto pair = *make_key_pair();
    const auto slot = at.open().add_recipient(pair.public_key);
    REQUIRE(slot);
    auto vault = at.open(*KeySource::identity(std::move(pair.private_key)));
    REQUIRE(
        at.store->commit({*at.store->revision(), made_up_root(at, *slot, pair.public_key, epoch), {}, {}}));
    CHECK(code_of(vault.get("a")) == Errc::tampered);
    CHECK(code_of(vault.put("b", secret("for the maker"))) == Errc::tampered);
  }
}

TEST_CASE("an open vault follows no later epoch whose history has another master key in place of its own") {
  for (const std::uint32_t epoch : {2U, 3U}) {
    Foreign at;
    auto pair = *make_key_pair();
    const auto slot = at.open().add_recipient(pair.public_key);
    REQUIRE(slot);
    auto vault = at.open(*KeySource::identity(std::move(pair.private_key)));
    const auto guessed = secret(std::string(32, 'g'));
    const auto root = made_up_root(at, *slot, pair.public_key, epoch, &guessed);
    REQUIRE(at.store->commit({*at.store->revision(), root, {}, {}}));
    CHECK(code_of(vault.get("a")) == Errc::tampered);
    CHECK(code_of(vault.put("b", secret("for the maker"))) == Errc::tampered);
  }
}

}  // namespace
}  // namespace tokenvault::test
