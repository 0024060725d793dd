// What somebody can do who kept a master key of an epoch that is over: nothing that a reader takes.
#include "support/forger.hpp"

namespace tokenvault::test {
namespace {

/// A vault of some nodes, whose member 'f' leaves with a copy of the first epoch.
struct Leaving : VaultFixture {
  Leaving() {
    auto vault = create();
    for (int i = 0; i < 60; ++i) put(vault, "t/" + std::to_string(i), "value");
    const auto former = vault.add_key(raw_key('f'));
    REQUIRE(former);
    kept.emplace(Dump::of(*store), raw_key('f'));
    REQUIRE(vault.remove_key(*former));
    REQUIRE(vault.rotate_master());
  }
  std::optional<Forger> kept;
};

TEST_CASE("the old master key opens no root, no history and no record of the epoch that follows") {
  Leaving at;
  auto vault = at.open();
  put(vault, "t/1", "not for them");
  const auto root = at.store->root();
  REQUIRE(root);
  const auto parts = format::parse_root(root->bytes);
  REQUIRE(parts);
  CHECK(code_of(open_state(*root, *parts, secret(text_of(at.kept->master())), {})) == Errc::tampered);
  CHECK(code_of(format::open_top(at.kept->state().keys.top(), *parts)) == Errc::tampered);
  CHECK(code_of(Keyring::make(parts->header, secret(text_of(at.kept->master())))) == Errc::tampered);
  CHECK(code_of(keys::unlock(parts->header, raw_key('f'))) == Errc::wrong_key);
}

TEST_CASE("a record that the old master key sealed in another's place is not read") {
  Leaving at;
  auto& state = at.kept->state();
  auto forged = Dump::of(*at.store);
  const std::string name = "t/1";
  NodeReader nodes(*at.store, state);
  const auto entry = find_entry(nodes, name);
  REQUIRE(entry);
  REQUIRE(entry->has_value());
  const auto id = (*entry)->versions.front().record.id;
  forged.blobs[id] = at.kept->record(id, {name, 1, 1}, padded(as_bytes("planted"), 64));
  CHECK(format::open_record(state.keys.find(1)->record, state.header.vault_id, {name, 1, 1}, id.bytes,
                            forged.blobs[id]));
  auto vault = Vault::open(forged.store(), raw_key(), at.options());
  REQUIRE(vault);
  CHECK(code_of(vault->get(name)) == Errc::tampered);
  CHECK(vault->verify()->faults.size() == 1);
}

TEST_CASE("a node that the old master key sealed in another's place is not read") {
  Leaving at;
  auto& state = at.kept->state();
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
  forged.blobs[pointer.id] = at.kept->node(pointer.id, format::Digits{}.down(digit),
                                           padded(format::encode_body(body), format::kNodePad));
  auto vault = Vault::open(forged.store(), raw_key(), at.options());
  REQUIRE(vault);
  CHECK(code_of(vault->get(name)) == Errc::tampered);
  CHECK(code_of(vault->list()) == Errc::tampered);
  CHECK_FALSE(vault->verify()->faults.empty());
}

}  // namespace
}  // namespace tokenvault::test
