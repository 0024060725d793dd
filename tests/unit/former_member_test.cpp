// What somebody can do who kept a master key of an epoch that is over: nothing that a reader takes.
#include <sodium.h>

#include "support/dump.hpp"
#include "support/vault_fixture.hpp"
#include "vault/tree.hpp"

namespace tokenvault::test {
namespace {

/// Everything that the first epoch's master key opens.
struct Kept {
  explicit Kept(Store& store) : Kept(*store.root()) {}
  explicit Kept(const Root& root) {
    const auto parts = format::parse_root(root.bytes);
    REQUIRE(parts);
    auto unlocked = keys::unlock(parts->header, raw_key('f'));
    REQUIRE(unlocked);
    master = secret(text_of(unlocked->master));
    auto opened = open_state(root, *parts, std::move(unlocked->master), {});
    REQUIRE(opened);
    state = *std::move(opened);
  }
  SecretBuffer master;
  State state;
};

/// Seals `plain` under a nonce of one's own choice, which our crypto::seal does not do.
Bytes forge(const SecretBuffer& key, const BlobId& nonce, BytesView ad, BytesView plain) {
  const auto raw = [](BytesView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); };
  Bytes sealed(plain.size() + crypto::kTagSize);
  crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(sealed.data()), nullptr,
                                             raw(plain), plain.size(), raw(ad), ad.size(), nullptr,
                                             raw(nonce.bytes), raw(key.expose()));
  return sealed;
}

/// A vault of some nodes, whose member 'f' leaves with a copy of the first epoch.
struct Leaving : VaultFixture {
  Leaving() {
    auto vault = create();
    for (int i = 0; i < 60; ++i) put(vault, "t/" + std::to_string(i), "value");
    const auto former = vault.add_key(raw_key('f'));
    REQUIRE(former);
    kept.emplace(*store);
    REQUIRE(vault.remove_key(*former));
    REQUIRE(vault.rotate_master());
  }
  std::optional<Kept> kept;
};

Writer place_of(const State& state) {
  Writer ad;
  ad.raw(state.header.vault_id);
  ad.u32(1);
  return ad;
}

TEST_CASE("the old master key opens no root, no history and no record of the epoch that follows") {
  Leaving at;
  auto vault = at.open();
  put(vault, "t/1", "not for them");
  const auto root = at.store->root();
  REQUIRE(root);
  const auto parts = format::parse_root(root->bytes);
  REQUIRE(parts);
  CHECK(code_of(open_state(*root, *parts, secret(text_of(at.kept->master)), {})) == Errc::tampered);
  CHECK(code_of(format::open_top(at.kept->state.keys.top(), *parts)) == Errc::tampered);
  CHECK(code_of(Keyring::make(parts->header, secret(text_of(at.kept->master)))) == Errc::tampered);
  CHECK(code_of(keys::unlock(parts->header, raw_key('f'))) == Errc::wrong_key);
}

TEST_CASE("a record that the old master key sealed in another's place is not read") {
  Leaving at;
  auto& state = at.kept->state;
  auto forged = Dump::of(*at.store);
  const std::string name = "t/1";
  NodeReader nodes(*at.store, state);
  const auto entry = find_entry(nodes, name);
  REQUIRE(entry);
  REQUIRE(entry->has_value());
  const auto id = (*entry)->versions.front().record.id;
  auto ad = place_of(state);
  ad.u32(1);
  ad.u8(static_cast<std::uint8_t>(name.size()));
  ad.text(name);
  Writer plain;
  plain.text("planted");
  plain.pad(64);
  forged.blobs[id] = forge(state.keys.find(1)->record, id, ad.view(), plain.view());
  CHECK(format::open_record(state.keys.find(1)->record, state.header.vault_id, {name, 1, 1}, id.bytes,
                            forged.blobs[id]));
  auto vault = Vault::open(forged.store(), raw_key(), at.options());
  REQUIRE(vault);
  CHECK(code_of(vault->get(name)) == Errc::tampered);
  CHECK(vault->verify()->faults.size() == 1);
}

TEST_CASE("a node that the old master key sealed in another's place is not read") {
  Leaving at;
  auto& state = at.kept->state;
  auto forged = Dump::of(*at.store);
  REQUIRE(state.top.body.branch);
  std::uint8_t digit = 0;
  while (!state.top.body.children[digit]) ++digit;
  const auto& pointer = state.top.body.children[digit]->pointer;
  const auto encoded = format::open_node(state.keys.find(1)->node, state.header.vault_id, pointer,
                                         format::Digits{}.down(digit), forged.blobs[pointer.id]);
  REQUIRE(encoded);
  auto body = *format::decode_body(*encoded);
  const auto name = body.entries.front().name;
  body.entries.front().versions.front().expires = 1;
  auto ad = place_of(state);
  ad.u8(1);
  ad.u8(digit);
  Writer plain;
  plain.raw(format::encode_body(body));
  plain.pad(format::kNodePad);
  forged.blobs[pointer.id] = forge(state.keys.find(1)->node, pointer.id, ad.view(), plain.view());
  auto vault = Vault::open(forged.store(), raw_key(), at.options());
  REQUIRE(vault);
  CHECK(code_of(vault->get(name)) == Errc::tampered);
  CHECK(code_of(vault->list()) == Errc::tampered);
  CHECK_FALSE(vault->verify()->faults.empty());
}

}  // namespace
}  // namespace tokenvault::test
