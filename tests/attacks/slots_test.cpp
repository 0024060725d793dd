// Slots that an attacker adds, changes, puts back or makes for two keys at once.
#include "attacks/field_130.hpp"
#include "attacks/judge.hpp"
#include "crypto/random.hpp"
#include "support/forger.hpp"

namespace tokenvault::test {
namespace {

const Scene& scene() { return Scene::one(); }

Ending all(Errc code) {
  Ending ending;
  ending.fresh = ending.anchored = ending.following = code;
  return ending;
}

Dump with_slots(const std::function<void(std::vector<format::Slot>&)>& edit) {
  auto dump = scene().now();
  dump.root = with_header(dump, [&](format::Header& header) { edit(header.slots); });
  return dump;
}

Errc opening(const Dump& dump, const KeySource& key) {
  return ending_of(Vault::open(std::make_unique<LooseStore>(std::make_shared<Cell>(Cell{dump, 1})), key,
                               scene().options()));
}

/// Where a slot stands in the scene's newest header.
std::size_t recipient_place() {
  const auto slots = format::parse_root(scene().now().root)->header.slots;
  return slots[0].kind() == SlotKind::recipient ? 0 : 1;
}

/// A slot for the attacker's own key, in this vault and epoch, that gives a master key of their choice.
format::Slot attackers_slot() {
  const auto header = format::parse_root(scene().now().root)->header;
  auto slot = keys::make_slot(raw_key('x'), {header.vault_id, header.epoch}, secret(std::string(32, 'm')));
  REQUIRE(slot);
  return *std::move(slot);
}

TEST_CASE("add an attacker's slot") {
  Tally tally("add an attacker's slot");
  for (const bool first : {true, false}) {
    const auto dump =
        with_slots([&](auto& slots) { slots.insert(first ? slots.begin() : slots.end(), attackers_slot()); });
    Judge(tally).pass(dump, all(Errc::tampered));
    tally.expect(opening(dump, raw_key('x')) == Errc::tampered, "the attacker's own key");
  }
}

TEST_CASE("an attacker's public key in a member's slot") {
  Tally tally("an attacker's public key in a member's slot");
  const auto pair = *make_key_pair();
  const auto dump = with_slots(
      [&](auto& slots) { std::ranges::copy(pair.public_key, slots[recipient_place()].body.begin()); });
  Judge(tally).pass(dump, all(Errc::tampered));
  Judge(tally).pass(dump, all(Errc::wrong_key), [] { return scene().recipient_key(); });
  const auto theirs = KeySource::identity(secret(text_of(pair.private_key)));
  tally.expect(opening(dump, *theirs) == Errc::wrong_key, "the attacker's own key");
}

TEST_CASE("the removed slot of who has left, put back") {
  Tally tally("a removed slot put back");
  for (std::size_t i = 0; i < scene().second_epoch(); ++i) {
    const auto old = format::parse_root(scene().history()[i].root)->header.slots;
    const auto theirs = std::ranges::find(old, scene().former_slot(), &format::Slot::id);
    if (theirs == old.end()) continue;
    const auto dump = with_slots([&](auto& slots) { slots.push_back(*theirs); });
    Judge(tally).pass(dump, all(Errc::tampered));
    tally.expect(opening(dump, Scene::former_key()) == Errc::wrong_key, "the key of who has left");
  }
}

TEST_CASE("a member's slot taken out, and the order changed") {
  Tally tally("a slot taken out or moved");
  const auto out = with_slots(
      [](auto& slots) { slots.erase(slots.begin() + static_cast<std::ptrdiff_t>(recipient_place())); });
  Judge(tally).pass(out, all(Errc::tampered));
  const auto moved = with_slots([](auto& slots) { std::swap(slots[0], slots[1]); });
  Judge(tally).pass(moved, all(Errc::tampered));
}

TEST_CASE("a slot called another kind") {
  Tally tally("a slot relabelled");
  const auto dump = with_slots([](auto& slots) { slots[recipient_place()].type = 4; });
  Judge(tally).pass(dump, all(Errc::tampered));
  Judge(tally).pass(dump, all(Errc::wrong_key), [] { return scene().recipient_key(); });
}

/// A vault with a passphrase beside its raw key.
struct WithPassphrase {
  WithPassphrase() {
    auto vault = Vault::create(view(store), Scene::key(), scene().options());
    REQUIRE(vault);
    put(*vault, "a", "one");
    REQUIRE(vault->add_key(words()));
    dump = Dump::of(*store);
    REQUIRE(format::parse_root(dump.root)->header.slots[1].kind() == SlotKind::passphrase);
  }
  static KeySource words() { return *KeySource::passphrase(secret("correct horse")); }
  [[nodiscard]] Dump with_cost(std::uint32_t passes, std::uint32_t memory_kib) const {
    auto changed = dump;
    changed.root = with_header(dump, [&](format::Header& header) {
      Writer cost;
      cost.u32(passes);
      cost.u32(memory_kib);
      std::ranges::copy(cost.view(), header.slots[1].body.begin() + 16);
    });
    return changed;
  }
  std::shared_ptr<Store> store = *open_memory_store();
  Dump dump;
};

TEST_CASE("weaken Argon2: parameters within bounds open nothing") {
  Tally tally("weaken Argon2, within bounds");
  const WithPassphrase at;
  tally.expect(opening(at.dump, WithPassphrase::words()) == Errc{}, "untouched");
  for (const auto& [passes, memory] : {std::pair{1U, 8192U}, {2U, 65536U}, {3U, 32768U}, {3U, 65537U}}) {
    const auto weak = at.with_cost(passes, memory);
    tally.expect(opening(weak, WithPassphrase::words()) == Errc::wrong_key, "the right passphrase");
    tally.expect(opening(weak, Scene::key()) == Errc::tampered, "another slot's key");
  }
}

TEST_CASE("weaken or inflate Argon2 beyond its bounds: refused before it costs anything") {
  Tally tally("Argon2 beyond its bounds");
  const WithPassphrase at;
  for (const std::uint32_t passes : {0U, 17U, 0x80000000U, 0xffffffffU})
    tally.expect(opening(at.with_cost(passes, 65536), WithPassphrase::words()) == Errc::refused, "passes");
  for (const std::uint32_t memory : {0U, 8U, 8191U, 1048577U, 0x80000000U, 0xffffffffU})
    tally.expect(opening(at.with_cost(3, memory), WithPassphrase::words()) == Errc::refused, "memory");
}

TEST_CASE("a passphrase slot's salt exchanged") {
  Tally tally("a salt exchanged");
  const WithPassphrase at;
  auto dump = at.dump;
  dump.root = with_header(dump, [](format::Header& header) { header.slots[1].body[3] ^= std::byte{1}; });
  tally.expect(opening(dump, WithPassphrase::words()) == Errc::wrong_key, "the right passphrase");
}

/// A raw-key slot, and a root under what it gives to the first of two keys.
struct TwoFaced {
  std::array<SecretBuffer, 2> keks;
  format::Slot slot;
  Dump dump;

  explicit TwoFaced(const std::array<char, 2>& fills) {
    auto header = format::parse_root(scene().now().root)->header;
    header.history.clear();
    slot = {2, crypto::random_array<8>(), {}};
    const auto salt = crypto::random_array<16>();
    const auto nonce = crypto::random_array<24>();
    const std::array okm{derive(fills[0], header, salt), derive(fills[1], header, salt)};
    for (std::size_t i = 0; i < 2; ++i) keks[i] = secret(as_text(BytesView(okm[i]).first(32)));
    const auto wrapped = salamander(keks[0].expose(), keks[1].expose(), nonce);
    Writer body;
    body.raw(salt);
    body.raw(BytesView(okm[0]).last(32));
    body.raw(nonce);
    body.raw(wrapped);
    slot.body = body.take();
    header.slots = {slot};
    dump.root = seal_root(master(0), header, {}, secret(std::string(32, 't')));
  }
  /// What the slot's ciphertext gives under one of the two.
  [[nodiscard]] SecretBuffer master(std::size_t which) const {
    Bytes plain(32);
    REQUIRE(crypto::open(keks[which].expose(), slot.wrap_nonce(), {}, slot.wrapped(), plain));
    return secret(as_text(plain));
  }

 private:
  Bytes derive(char fill, const format::Header& header, BytesView salt) const {
    Bytes okm(64);
    const auto key = secret(std::string(32, fill));
    const std::array type{std::byte{2}};
    Writer epoch;
    epoch.u32(header.epoch);
    crypto::hash("tv1 slot", key.expose(),
                 {format::kMagic, header.vault_id, slot.id, type, epoch.view(), salt}, okm);
    return okm;
  }
};

TEST_CASE("two keys for one ciphertext: a slot made for two guesses opens to one") {
  Tally tally("two keys for one slot");
  for (int i = 0; i < 100; ++i) {
    const TwoFaced at({'p', 'q'});
    // It is what it claims: one ciphertext, and each of the keys opens it, to other bytes.
    REQUIRE(text_of(at.master(0)) != text_of(at.master(1)));
    tally.expect(opening(at.dump, raw_key('p')) == Errc{}, "the key that it commits to");
    // Without the commitment the header's MAC would answer, and so tell the second guess from a wrong one.
    tally.expect(opening(at.dump, raw_key('q')) == Errc::wrong_key, "the second key");
    tally.expect(opening(at.dump, raw_key('r')) == Errc::wrong_key, "any other key");
  }
}

TEST_CASE("a member's second slot for another master key shows its reader no other vault") {
  Tally tally("a slot with another master key");
  Forger insider(scene().now(), Scene::key());
  const auto& header = insider.state().header;
  auto slot = keys::make_slot(raw_key('y'), {header.vault_id, header.epoch}, secret(std::string(32, 'm')));
  REQUIRE(slot);
  auto dump = scene().now();
  dump.root = insider.root([&](format::Header& changed, format::Top&) {
    ++changed.generation;
    changed.slots.push_back(*slot);
  });
  tally.expect(opening(dump, Scene::key()) == Errc{}, "the member's own");
  tally.expect(opening(dump, raw_key('y')) == Errc::tampered, "the other reader");
}

}  // namespace
}  // namespace tokenvault::test
