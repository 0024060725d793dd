// Slots and epochs: who gets in, who is out, and what a new master key costs.
#include "support/dump.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

constexpr KdfCost kCheap{3, 64 * 1024};  // the least a writer makes

KeySource words(std::string_view text) {
  auto key = KeySource::passphrase(secret(text), kCheap);
  REQUIRE(key);
  return *std::move(key);
}

/// A KeySource cannot be copied; a pair's private half can.
KeySource identity(const KeyPair& pair) {
  auto copy = SecretBuffer::copy_of(pair.private_key.expose());
  REQUIRE(copy);
  auto key = KeySource::identity(*std::move(copy));
  REQUIRE(key);
  return *std::move(key);
}

KeySource recovery(const SecretBuffer& code) {
  auto key = KeySource::recovery(code);
  REQUIRE(key);
  return *std::move(key);
}

KeyPair pair() {
  auto made = make_key_pair();
  REQUIRE(made);
  return *std::move(made);
}

TEST_CASE("every kind of slot opens the vault, and check_key says which") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  const auto ann = pair();
  const auto passphrase = vault.add_key(words("correct horse"), "Bob");
  const auto raw = vault.add_key(raw_key('b'));
  const auto recipient = vault.add_recipient(ann.public_key, "Ann");
  const auto code = vault.add_recovery("the safe");
  REQUIRE(passphrase);
  REQUIRE(raw);
  REQUIRE(recipient);
  REQUIRE(code);
  CHECK(code->size() == 56 + 13);
  CHECK(text_of(at.open(words("correct horse")).get("a")) == "one");
  CHECK(text_of(at.open(raw_key('b')).get("a")) == "one");
  CHECK(text_of(at.open(identity(ann)).get("a")) == "one");
  CHECK(text_of(at.open(recovery(*code)).get("a")) == "one");
  CHECK(*vault.check_key(words("correct horse")) == *passphrase);
  CHECK(*vault.check_key(identity(ann)) == *recipient);
  CHECK(code_of(vault.check_key(words("wrong horse"))) == Errc::wrong_key);
  CHECK(code_of(vault.check_key(identity(pair()))) == Errc::wrong_key);
  const auto info = vault.info();
  REQUIRE(info);
  REQUIRE(info->slots.size() == 5);
  CHECK(info->slots[1].label == "Bob");
  CHECK(info->slots[1].cost->memory_kib == kCheap.memory_kib);
  CHECK(info->slots[3].public_key == ann.public_key);
  CHECK(info->slots[4].kind == SlotKind::recovery);
}

TEST_CASE("the same key is not added twice") {
  VaultFixture at;
  auto vault = at.create();
  const auto ann = pair();
  REQUIRE(vault.add_recipient(ann.public_key));
  CHECK(code_of(vault.add_recipient(ann.public_key)) == Errc::already_exists);
  CHECK(code_of(vault.add_key(identity(ann))) == Errc::already_exists);
  CHECK(code_of(vault.add_key(raw_key())) == Errc::already_exists);
}

TEST_CASE("a low-order public key is refused") {
  VaultFixture at;
  auto vault = at.create();
  CHECK(code_of(vault.add_recipient(PublicKey{})) == Errc::refused);
  CHECK(vault.info()->slots.size() == 1);
}

TEST_CASE("32 slots and no more; the last one stays") {
  VaultFixture at;
  auto vault = at.create();
  for (int i = 0; i < 31; ++i) REQUIRE(vault.add_key(raw_key(static_cast<char>('A' + i))));
  CHECK(code_of(vault.add_key(raw_key('z'))) == Errc::refused);
  const auto slots = vault.info()->slots;
  for (std::size_t i = 1; i < slots.size(); ++i) REQUIRE(vault.remove_key(slots[i].id));
  CHECK(code_of(vault.remove_key(slots[0].id)) == Errc::refused);
  CHECK(code_of(vault.remove_key(slots[1].id)) == Errc::not_found);
}

TEST_CASE("a removed key opens nothing any more; a vault open by it is told") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  const auto id = vault.add_key(raw_key('b'));
  REQUIRE(id);
  auto theirs = at.open(raw_key('b'));
  REQUIRE(vault.remove_key(*id));
  CHECK(code_of(Vault::open(at.view(), raw_key('b'), at.options())) == Errc::wrong_key);
  CHECK(code_of(theirs.get("a")) == Errc::wrong_key);
  CHECK(text_of(vault.get("a")) == "one");
}

TEST_CASE("rotate_master refuses to lose a slot whose secret is not there, and names it") {
  VaultFixture at;
  auto vault = at.create();
  const auto bob = vault.add_key(raw_key('b'));
  REQUIRE(bob);
  const auto refused = vault.rotate_master();
  CHECK(code_of(refused) == Errc::refused);
  CHECK(refused.error().message().find("raw-key") != std::string::npos);
  CHECK(vault.info()->epoch == 1);
  const auto other = raw_key('x');
  CHECK(code_of(vault.rotate_master({.keep = {&other}, .drop = {*bob}})) == Errc::wrong_key);
  CHECK(code_of(vault.rotate_master({.keep = {}, .drop = {SlotId{}}})) == Errc::not_found);
  CHECK(vault.info()->epoch == 1);
}

TEST_CASE("after rotate_master old records open, kept slots open, dropped ones do not, open vaults follow") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  put(vault, "b", "same");
  const auto ann = pair();
  const auto kept = raw_key('k' + 1);
  const auto dropped = vault.add_key(raw_key('d'));
  REQUIRE(vault.add_key(kept));
  REQUIRE(vault.add_recipient(ann.public_key));
  const auto code = vault.add_recovery();
  REQUIRE(code);
  auto follower = at.open(raw_key('k' + 1));
  CHECK(text_of(follower.get("a")) == "one");
  REQUIRE(vault.rotate_master({.keep = {&kept}, .drop = {*dropped}}));
  CHECK(vault.info()->epoch == 2);
  put(vault, "a", "two");
  CHECK(text_of(follower.get("a")) == "two");
  CHECK(text_of(follower.get("b")) == "same");
  CHECK(text_of(at.open(identity(ann)).get("a", {.number = 1})) == "one");
  CHECK(text_of(at.open(recovery(*code)).get("b")) == "same");
  CHECK(code_of(Vault::open(at.view(), raw_key('d'), at.options())) == Errc::wrong_key);
  CHECK(vault.verify()->faults.empty());
}

TEST_CASE("many epochs: every record of every epoch still opens") {
  VaultFixture at;
  auto vault = at.create();
  for (int i = 1; i <= 40; ++i) {
    put(vault, "t/" + std::to_string(i), std::to_string(i));
    REQUIRE(vault.rotate_master());
  }
  auto fresh = at.open();
  CHECK(fresh.info()->epoch == 41);
  for (int i = 1; i <= 40; ++i) CHECK(text_of(fresh.get("t/" + std::to_string(i))) == std::to_string(i));
  CHECK(fresh.verify()->records == 40);
}

TEST_CASE("512 older epochs are kept, and the next one is refused, not forgotten") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "oldest");
  for (int i = 0; i < 512; ++i) REQUIRE(vault.rotate_master());
  CHECK(code_of(vault.rotate_master()) == Errc::refused);
  CHECK(text_of(at.open().get("a")) == "oldest");
}

TEST_CASE("rotate_master touches no blob") {
  VaultFixture at;
  auto vault = at.create();
  for (int i = 0; i < 100; ++i) put(vault, "t/" + std::to_string(i), "v");
  const auto before = Dump::of(*at.store);
  REQUIRE(vault.rotate_master());
  CHECK(Dump::of(*at.store).blobs == before.blobs);
}

TEST_CASE("an altered slot is a wrong key; an altered header behind an intact slot is tampered") {
  VaultFixture at;
  at.create();
  auto dump = Dump::of(*at.store);
  constexpr std::size_t kFirstSlotBody = 8 + 16 + 8 + 4 + 1 + 1 + 2 + 8;
  dump.root[kFirstSlotBody + 20] ^= std::byte{1};
  CHECK(code_of(Vault::open(dump.store(), raw_key(), at.options())) == Errc::wrong_key);
  dump = Dump::of(*at.store);
  dump.root[8 + 16] ^= std::byte{1};  // generation
  CHECK(code_of(Vault::open(dump.store(), raw_key(), at.options())) == Errc::tampered);
}

}  // namespace
}  // namespace tokenvault::test
