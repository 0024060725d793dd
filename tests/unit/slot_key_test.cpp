// What an open vault gives of its slot, so that it opens again without passphrase or key file.
#include <cstdlib>

#include "support/dump.hpp"
#include "support/vault_fixture.hpp"
#include "tokenvault/environment.hpp"

namespace tokenvault::test {
namespace {

KeySource words(std::string_view text) {
  auto key = KeySource::passphrase(secret(text));
  REQUIRE(key);
  return *std::move(key);
}

SlotKey kept(const Vault& vault) {
  auto key = vault.slot_key();
  REQUIRE_MESSAGE(key, (key ? "" : key.error().message()));
  return *std::move(key);
}

/// Can be used more than once, unlike a SlotKey.
SlotKey twin(const SlotKey& key) { return {key.slot, key.kind, secret(text_of(key.key))}; }

KeySource source(const SlotKey& key) {
  auto made = KeySource::slot_key(twin(key));
  REQUIRE(made);
  return *std::move(made);
}

TEST_CASE("a slot key opens the vault as the passphrase or the key file does, and is of that slot") {
  VaultFixture at;
  auto vault = at.create(words("correct horse"));
  REQUIRE(vault.add_key(raw_key('b')));
  put(vault, "a", "one");
  for (const auto& opened : {at.open(words("correct horse")), at.open(raw_key('b'))}) {
    const auto key = kept(opened);
    CHECK(key.slot == opened.info()->unlocked_by);
    CHECK(key.key.size() == 32);
    auto again = at.open(source(key));
    CHECK(text_of(again.get("a")) == "one");
    CHECK(again.info()->unlocked_by == key.slot);
    CHECK(text_of(kept(again).key) == text_of(key.key));
    CHECK(*vault.check_key(source(key)) == key.slot);
    put(again, "a", "one");
  }
  CHECK(kept(at.open(words("correct horse"))).kind == SlotKind::passphrase);
  CHECK(kept(at.open(raw_key('b'))).kind == SlotKind::raw_key);
}

TEST_CASE("it is neither the passphrase nor the master key") {
  VaultFixture at;
  auto vault = at.create(words("correct horse"));
  const auto before = kept(vault);
  REQUIRE(vault.rotate_master());
  CHECK(text_of(kept(vault).key) == text_of(before.key));
  CHECK(text_of(before.key).find("correct") == std::string::npos);
}

TEST_CASE("it lives through rotate_master, carries its slot over, and ends with the slot") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  const auto bob = vault.add_key(words("correct horse"));
  REQUIRE(bob);
  const auto key = kept(at.open(words("correct horse")));
  const auto mine = raw_key();
  auto theirs = at.open(source(key));
  REQUIRE(theirs.rotate_master({.keep = {&mine}, .drop = {}}));
  CHECK(text_of(at.open(source(key)).get("a")) == "one");
  CHECK(text_of(at.open(words("correct horse")).get("a")) == "one");
  const auto carried = source(key);
  REQUIRE(vault.rotate_master({.keep = {&carried}, .drop = {}}));
  CHECK(text_of(at.open(source(key)).get("a")) == "one");
  REQUIRE(vault.remove_key(*bob));
  const auto refused = Vault::open(at.view(), source(key), at.options());
  CHECK(code_of(refused) == Errc::wrong_key);
  CHECK(refused.error().message().find("kept slot key") != std::string::npos);
}

TEST_CASE("the key of another slot, kind or vault opens nothing") {
  VaultFixture at;
  VaultFixture other;
  auto vault = at.create(words("correct horse"));
  const auto bob = vault.add_key(raw_key('b'));
  REQUIRE(bob);
  const auto key = kept(vault);
  auto wrong = twin(key);
  wrong.slot = *bob;
  CHECK(code_of(Vault::open(at.view(), source(wrong), at.options())) == Errc::wrong_key);
  wrong = twin(key);
  wrong.kind = SlotKind::raw_key;
  CHECK(code_of(Vault::open(at.view(), source(wrong), at.options())) == Errc::wrong_key);
  wrong = twin(key);
  wrong.key.expose_writable()[0] ^= std::byte{1};
  CHECK(code_of(Vault::open(at.view(), source(wrong), at.options())) == Errc::wrong_key);
  other.create(words("correct horse"));
  CHECK(code_of(Vault::open(other.view(), source(key), other.options())) == Errc::wrong_key);
}

TEST_CASE("it makes no slot and no vault") {
  VaultFixture at;
  VaultFixture fresh;
  auto vault = at.create(words("correct horse"));
  const auto key = kept(vault);
  CHECK(code_of(vault.add_key(source(key))) == Errc::already_exists);
  auto unknown = twin(key);
  unknown.slot = {};
  CHECK(code_of(vault.add_key(source(unknown))) == Errc::invalid_argument);
  CHECK(code_of(Vault::create(fresh.view(), source(key), fresh.options())) == Errc::invalid_argument);
  CHECK(code_of(read_head(*fresh.store)) == Errc::no_vault);
  CHECK(vault.info()->slots.size() == 1);
}

TEST_CASE("lengths and kinds that no slot key has") {
  for (const std::size_t size : {0U, 31U, 33U, 64U})
    CHECK(code_of(KeySource::slot_key({{}, SlotKind::passphrase, secret(std::string(size, 'k'))})) ==
          Errc::wrong_key);
  for (const auto kind : {SlotKind::recipient, SlotKind::recovery, SlotKind{0}, SlotKind{9}})
    CHECK(code_of(KeySource::slot_key({{}, kind, secret(std::string(32, 'k'))})) == Errc::invalid_argument);
}

TEST_CASE("a private key or a recovery code, which may open other vaults too, is not given out") {
  VaultFixture at;
  auto vault = at.create();
  auto pair = make_key_pair();
  REQUIRE(pair);
  REQUIRE(vault.add_recipient(pair->public_key));
  const auto code = vault.add_recovery();
  REQUIRE(code);
  const auto identity = KeySource::identity(std::move(pair->private_key));
  const auto recovery = KeySource::recovery(*code);
  CHECK(code_of(at.open(*identity).slot_key()) == Errc::refused);
  CHECK(code_of(at.open(*recovery).slot_key()) == Errc::refused);
  REQUIRE(::setenv("SLOT_KEY_TEST", "value", 1) == 0);
  const auto plain = open_plain_environment(std::vector<PlainMapping>{{"a", "SLOT_KEY_TEST"}});
  REQUIRE(plain);
  CHECK(code_of(plain->vault.slot_key()) == Errc::refused);
}

TEST_CASE("id and slots can be read without a key, and are what the header says") {
  VaultFixture at;
  CHECK(code_of(read_head(*at.store)) == Errc::no_vault);
  auto vault = at.create();
  REQUIRE(vault.add_key(raw_key('b')));
  const auto info = vault.info();
  const auto head = read_head(*at.store);
  REQUIRE(head);
  CHECK(head->vault_id == info->vault_id);
  CHECK(head->slots == std::vector<SlotId>{info->slots[0].id, info->slots[1].id});
  auto dump = Dump::of(*at.store);
  dump.root[8] ^= std::byte{1};
  CHECK(read_head(*dump.store())->vault_id != info->vault_id);
  CHECK(code_of(Vault::open(dump.store(), raw_key(), at.options())) == Errc::wrong_key);
  dump.root.resize(20);
  CHECK(code_of(read_head(*dump.store())) == Errc::tampered);
}

}  // namespace
}  // namespace tokenvault::test
