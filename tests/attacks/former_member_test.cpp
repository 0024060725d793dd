// By somebody who left with the first epoch's keys and copies, and may write to the store.
#include <fstream>

#include "attacks/judge.hpp"
#include "core/hex.hpp"
#include "support/forger.hpp"

namespace tokenvault::test {
namespace {

const Scene& scene() { return Scene::one(); }

/// What they took along: the last copy that their key opened.
const Dump& kept() {
  static const Dump& copy = [&]() -> const Dump& {
    for (std::size_t i = scene().second_epoch(); i-- > 0;)
      if (const auto parts = format::parse_root(scene().history()[i].root);
          keys::unlock(parts->header, Scene::former_key()))
        return scene().history()[i];
    FAIL("no copy opens by the former key");
    return scene().now();
  }();
  return copy;
}

Ending hits(std::set<BlobId> blobs) {
  Ending ending;
  ending.hit = std::move(blobs);
  return ending;
}

Result<Vault> open_with(const Dump& dump, const std::string& anchors, const KeySource& key) {
  const TempDir folder;
  auto options = scene().options();
  options.anchors = folder / "anchors";
  std::ofstream(options.anchors) << anchors;
  return Vault::open(std::make_unique<LooseStore>(std::make_shared<Cell>(Cell{dump, 1})), key, options);
}

TEST_CASE("the key of who has left opens nothing after the master key was rotated") {
  Tally tally("a former key on every later copy");
  for (std::size_t i = scene().second_epoch(); i < scene().history().size(); ++i) {
    const auto opened = open_with(scene().history()[i], "", Scene::former_key());
    tally.expect(ending_of(opened) == Errc::wrong_key, "copy " + std::to_string(i));
  }
  tally.expect(ending_of(open_with(kept(), "", Scene::former_key())) == Errc{}, "the copy that they kept");
}

TEST_CASE("their master key opens no part of what was written since") {
  Tally tally("a former master key on every later blob");
  Forger former(kept(), Scene::former_key());
  std::size_t readable = 0;
  for (const auto& [id, version] : scene().records()) {
    const auto opened =
        format::open_record(former.keys().record, former.state().header.vault_id,
                            {version.name, 1, version.number}, id.bytes, scene().now().blobs.at(id));
    const bool theirs = kept().blobs.contains(id);
    readable += theirs ? 1 : 0;
    // What was there in their time they have read, or can: that is not promised.
    tally.expect(opened.has_value() == theirs, version.name);
  }
  CHECK(readable > 40);
  CHECK(readable < scene().records().size());
}

TEST_CASE("forge a record under an old master key in another's place") {
  Tally tally("an old master key forges a record");
  Forger former(kept(), Scene::former_key());
  for (const auto* name : {&scene().token(1, 0), &scene().aged()}) {
    const auto& id = scene().record(*name, 1);
    const format::RecordPlace place{*name, 1, 1};
    const auto forged = former.record(id, place, padded(as_bytes("planted"), 64));
    // It is what it claims: only the digest in the index, which they cannot write, is against it.
    CHECK(format::open_record(former.keys().record, former.state().header.vault_id, place, id.bytes, forged));
    auto dump = scene().now();
    dump.blobs.at(id) = forged;
    Judge(tally).pass(dump, hits({id}));
  }
}

TEST_CASE("forge a node under an old master key: cut versions, promote, rename") {
  Tally tally("an old master key forges a node");
  Forger former(kept(), Scene::former_key());
  const auto& name = scene().token(6, 0);
  const auto digits = format::Digits{}.down(6);
  const auto pointer = former.state().top.body.children[6]->pointer;
  REQUIRE(pointer.id == scene().leaf(name));
  const auto encoded = format::open_node(former.keys().node, former.state().header.vault_id, pointer, digits,
                                         scene().now().blobs.at(pointer.id));
  REQUIRE(encoded);
  const auto forge = [&](const std::function<void(format::Body&)>& edit) {
    auto body = *format::decode_body(*encoded);
    edit(body);
    auto dump = scene().now();
    dump.blobs.at(pointer.id) =
        former.node(pointer.id, digits, padded(format::encode_body(body), format::kNodePad));
    Judge(tally).pass(dump, hits({pointer.id}));
  };
  forge([](format::Body& body) { body.entries.pop_back(); });
  forge([](format::Body& body) { body.entries[0].versions[0].stage = Stage::retired; });
  forge([](format::Body& body) { std::swap(body.entries[0].name, body.entries[1].name); });
  forge([](format::Body& body) { body.entries[0].versions[0].record = body.entries[1].versions[0].record; });
  forge([](format::Body& body) { body.entries[0].versions[0].expires = 1; });
}

/// A root of the first epoch, sealed with all that they have, far ahead of today's.
Dump forged_root(const Forger& former) {
  auto dump = scene().now();
  dump.root = former.root([](format::Header& header, format::Top&) { header.generation += 1'000'000; });
  dump.blobs.insert(kept().blobs.begin(), kept().blobs.end());
  return dump;
}

TEST_CASE("forge a root under an old master key, of a generation to come") {
  Tally tally("an old master key forges a root");
  const Forger former(kept(), Scene::former_key());
  const auto dump = forged_root(former);
  for (const auto name : media()) {
    const auto medium = make_medium(name);
    medium->plant(scene().now());
    std::optional<Vault> before;
    if (medium->live()) before.emplace(*Vault::open(*medium->open(), Scene::key(), scene().options()));
    medium->plant(dump);
    const auto planted = medium->seen();
    const TempDir folder;
    auto options = scene().options();
    options.anchors = folder / "anchors";
    std::ofstream(options.anchors) << scene().anchors().back();
    tally.expect(ending_of(Vault::open(*medium->open(), Scene::key(), options)) == Errc::stale, "an anchor");
    if (before)
      for (const auto& verb : all_verbs())
        tally.expect(ending_of(verb.run(*before)) == Errc::stale, std::string("an open vault: ") + verb.name);
    tally.expect(medium->seen() == planted, "something was written");
  }
  // Every machine that saw any copy of the second epoch.
  for (std::size_t seen = scene().second_epoch(); seen < scene().history().size(); ++seen)
    tally.expect(ending_of(open_with(dump, scene().anchors()[seen], Scene::key())) == Errc::stale,
                 "an anchor");
}

TEST_CASE("not promised: who never saw the second epoch takes a root that the first one's keys forged") {
  Tally tally("limit: a forged root of an old epoch and no anchor");
  const Forger former(kept(), Scene::former_key());
  const auto dump = forged_root(former);
  tally.expect(ending_of(open_with(dump, "", Scene::key())) == Errc{}, "no anchor");
  tally.expect(ending_of(open_with(dump, scene().anchors()[1], Scene::key())) == Errc{},
               "an anchor of the first epoch");
}

/// A vault for whoever opens by one public key, made without any secret of the one that it stands in for.
Dump made_up(std::uint32_t epoch) {
  auto header = format::parse_root(scene().now().root)->header;
  const format::VaultId vault = header.vault_id;
  const auto master = secret(std::string(32, 'm'));
  const auto own = std::ranges::find_if(
      header.slots, [](const format::Slot& slot) { return slot.kind() == SlotKind::recipient; });
  REQUIRE(own != header.slots.end());
  const auto wrapped = keys::rewrap(*own, nullptr, {vault, epoch}, master);
  REQUIRE(wrapped);
  header.slots = {*wrapped};
  header.generation += 1;
  header.epoch = epoch;
  header.history.clear();
  return {seal_root(master, header, {}, secret(std::string(32, 't'))), {}};
}

TEST_CASE("a vault made up for a public key: an open vault does not follow it") {
  Tally tally("a vault made up for a public key");
  for (const auto name : media()) {
    const auto medium = make_medium(name);
    if (!medium->live()) continue;
    for (const std::uint32_t epoch : {2U, 3U, 1000U}) {
      medium->plant(scene().now());
      const auto key = scene().recipient_key();
      auto vault = Vault::open(*medium->open(), key, scene().options());
      auto other = Vault::open(*medium->open(), Scene::key(), scene().options());
      REQUIRE(vault);
      REQUIRE(other);
      medium->plant(made_up(epoch));
      const auto planted = medium->seen();
      for (const auto& verb : all_verbs()) {
        tally.expect(ending_of(verb.run(*vault)) == Errc::tampered, std::string("by that key: ") + verb.name);
        tally.expect(ending_of(verb.run(*other)) == Errc::wrong_key, std::string("by another: ") + verb.name);
      }
      tally.expect(medium->seen() == planted, "something was written");
    }
  }
  const auto earlier = open_with(made_up(1), scene().anchors().back(), scene().recipient_key());
  tally.expect(ending_of(earlier) == Errc::stale, "an anchor knows a later epoch");
  tally.expect(ending_of(open_with(made_up(2), "", Scene::key())) == Errc::wrong_key, "a key that is secret");
}

TEST_CASE("not promised: whoever opens afresh by a public key may be shown a vault made up for it") {
  Tally tally("limit: a vault made up for a public key, opened afresh");
  for (const std::uint32_t epoch : {2U, 3U}) {
    tally.expect(ending_of(open_with(made_up(epoch), "", scene().recipient_key())) == Errc{}, "no anchor");
    const auto anchored = open_with(made_up(epoch), scene().anchors().back(), scene().recipient_key());
    tally.expect(ending_of(anchored) == Errc{}, "an anchor tells an earlier epoch, not this");
    tally.expect(anchored && anchored->list()->empty(), "nothing of the real one is in it");
  }
}

TEST_CASE("not promised: until the master key is rotated, who was removed can write what they like") {
  Tally tally("limit: removed, and the master key not rotated");
  const std::shared_ptr<Store> store = *open_memory_store();
  auto vault = Vault::create(view(store), Scene::key(), scene().options());
  REQUIRE(vault);
  put(*vault, "a", "one");
  const auto former = vault->add_key(Scene::former_key());
  REQUIRE(former);
  const auto copy = Dump::of(*store);
  REQUIRE(vault->remove_key(*former));
  const auto forge = [&] {
    auto dump = Dump::of(*store);
    dump.root = Forger(copy, Scene::former_key()).root([](format::Header& header, format::Top&) {
      header.generation += 10;
    });
    return dump;
  };
  const auto back = open_with(forge(), "", Scene::former_key());
  tally.expect(ending_of(back) == Errc{}, "their slot is back");
  REQUIRE(vault->rotate_master());
  const auto anchor = [&] {
    const auto parts = format::parse_root(store->root()->bytes);
    return to_hex(parts->header.vault_id) + " " + std::to_string(parts->header.generation) + " " +
           to_hex(format::anchor_digest(store->root()->bytes)) + " 2\n";
  }();
  tally.expect(ending_of(open_with(forge(), anchor, Scene::key())) == Errc::stale, "after rotate_master");
}

TEST_CASE("not promised: whoever may write can destroy; it is never taken for an empty vault") {
  Tally tally("limit: destruction");
  auto bare = scene().now();
  bare.blobs.clear();
  const auto vault = open_with(bare, "", Scene::key());
  REQUIRE(vault);
  for (const auto& [name, number] : scene().current())
    tally.expect(ending_of(vault->get(name)) == Errc::tampered, name);
  tally.expect(ending_of(vault->list()) == Errc::tampered, "list");
}

}  // namespace
}  // namespace tokenvault::test
