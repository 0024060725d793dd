// By whoever may write to the store and has no key: records and nodes put elsewhere, put back, taken away, edited.
#include <array>

#include "attacks/judge.hpp"
#include "crypto/random.hpp"
#include "support/forger.hpp"

namespace tokenvault::test {
namespace {

const Scene& scene() { return Scene::one(); }

/// A vault that opens, with these blobs not what they were.
Ending hits(std::set<BlobId> blobs) {
  Ending ending;
  ending.hit = std::move(blobs);
  return ending;
}

TEST_CASE("swap two records") {
  Tally tally("swap two records");
  const auto& first = scene().record(scene().token(1, 0));
  const auto& second = scene().record(scene().token(2, 0));
  auto dump = scene().now();
  std::swap(dump.blobs.at(first), dump.blobs.at(second));
  Judge(tally).pass(dump, hits({first, second}));
}

TEST_CASE("swap two nodes") {
  Tally tally("swap two nodes");
  const auto swap = [&](const BlobId& first, const BlobId& second) {
    auto dump = scene().now();
    std::swap(dump.blobs.at(first), dump.blobs.at(second));
    Judge(tally).pass(dump, hits({first, second}));
  };
  swap(scene().leaf(scene().token(1, 0)), scene().leaf(scene().token(2, 0)));
  // Of two depths.
  swap(scene().leaf(scene().token(1, 0)), scene().leaf(scene().token(0, 0)));
}

TEST_CASE("swap a node and a record") {
  Tally tally("swap a node and a record");
  const auto& node = scene().leaf(scene().token(1, 0));
  const auto& record = scene().record(scene().token(2, 0));
  auto dump = scene().now();
  std::swap(dump.blobs.at(node), dump.blobs.at(record));
  Judge(tally).pass(dump, hits({node, record}));
}

TEST_CASE("rename a token: its record filed as another's") {
  Tally tally("rename: a record filed as another token's");
  const auto& own = scene().record(scene().token(1, 0));
  const auto& other = scene().record(scene().token(2, 0));
  auto dump = scene().now();
  dump.blobs.at(other) = dump.blobs.at(own);
  Judge(tally).pass(dump, hits({other}));
}

TEST_CASE("replay an old record under the current version's id") {
  Tally tally("replay an old record");
  const auto& current = scene().record(scene().aged());
  for (const std::uint32_t version : {1U, 2U, 3U}) {
    auto dump = scene().now();
    dump.blobs.at(current) = dump.blobs.at(scene().record(scene().aged(), version));
    Judge(tally).pass(dump, hits({current}));
  }
}

TEST_CASE("replay an old node: the same path as it was before the last change") {
  Tally tally("replay an old node");
  const auto& leaf = scene().leaf(scene().aged());
  std::set<Bytes> older;
  for (const auto& copy : scene().history())
    for (const auto& [id, bytes] : copy.blobs)
      if (!scene().now().blobs.contains(id) && bytes.size() > 1024) older.insert(bytes);
  REQUIRE(older.size() > 5);
  for (const auto& bytes : older) {
    auto dump = scene().now();
    dump.blobs.at(leaf) = bytes;
    Judge(tally).pass(dump, hits({leaf}));
  }
}

TEST_CASE("take a record away, so that an older version were the newest there is") {
  Tally tally("cut versions");
  for (const std::uint32_t version : {4U, 3U, 1U}) {
    auto dump = scene().now();
    const auto& id = scene().record(scene().aged(), version);
    dump.blobs.erase(id);
    Judge(tally).pass(dump, hits({id}));
  }
}

TEST_CASE("take a node away, so that its tokens were not there") {
  Tally tally("take a node away");
  for (const auto* name : {&scene().token(0, 0), &scene().token(6, 1)}) {
    auto dump = scene().now();
    const auto& id = scene().leaf(*name);
    dump.blobs.erase(id);
    Judge(tally).pass(dump, hits({id}));
  }
}

TEST_CASE("blobs that nothing names are reported and change nothing") {
  Tally tally("plant blobs of the attacker's own");
  auto dump = scene().now();
  for (int i = 0; i < 10; ++i) dump.blobs[{crypto::random_array<24>()}] = scene().now().blobs.begin()->second;
  Judge(tally).pass(dump, {});
}

/// Where a node's plaintext says `before`, the ciphertext is changed so that it would say `after`: a stream
/// cipher lets whoever knows the plaintext do that, and an attacker may well know all of it.
Bytes edited(const Scene& at, const BlobId& node, BytesView before, BytesView after) {
  Forger insider(at.now(), Scene::key());
  const auto& sealed = at.now().blobs.at(node);
  Bytes plain;
  const auto digits = [&](std::uint8_t first) { return format::Digits{}.down(first); };
  for (std::uint8_t first = 0; first < 16 && plain.empty(); ++first) {
    const auto pointer = insider.state().top.body.children[first]->pointer;
    if (pointer.id != node) continue;
    const auto* keys = *insider.state().keys.of(pointer.epoch);
    plain = *format::open_node(keys->node, insider.state().header.vault_id, pointer, digits(first), sealed);
  }
  const auto found = std::search(plain.begin(), plain.end(), before.begin(), before.end());
  REQUIRE(found != plain.end());
  auto forged = sealed;
  const auto at_byte = found - plain.begin();
  for (std::ptrdiff_t i = 0; i < std::ssize(before); ++i)
    forged[static_cast<std::size_t>(at_byte + i)] ^=
        before[static_cast<std::size_t>(i)] ^ after[static_cast<std::size_t>(i)];
  return forged;
}

void edit_entry(Tally& tally, const std::string& name, BytesView before, BytesView after) {
  const auto& leaf = scene().leaf(name);
  auto dump = scene().now();
  dump.blobs.at(leaf) = edited(scene(), leaf, before, after);
  REQUIRE(dump.blobs.at(leaf) != scene().now().blobs.at(leaf));
  Judge(tally).pass(dump, hits({leaf}));
}

/// What the entry has of a version's number and stage: u32 and u8.
Bytes stage_of(std::uint32_t number, Stage stage) {
  Writer out;
  out.u32(number);
  out.u8(static_cast<std::uint8_t>(stage));
  return out.take();
}

TEST_CASE("promote by editing: a pending version's stage made current") {
  Tally tally("promote by editing");
  edit_entry(tally, scene().staged(), stage_of(2, Stage::pending), stage_of(2, Stage::current));
}

TEST_CASE("demote by editing: a retired version made current") {
  Tally tally("bring a retired version back by editing");
  edit_entry(tally, scene().aged(), stage_of(1, Stage::retired), stage_of(1, Stage::current));
}

TEST_CASE("rename by editing: the name in an entry") {
  Tally tally("rename by editing");
  const auto& name = scene().token(6, 0);
  auto other = name;
  other.back() = other.back() == '0' ? '1' : '0';
  edit_entry(tally, name, as_bytes(name), as_bytes(other));
}

TEST_CASE("undelete by editing: the flag of an erased token") {
  Tally tally("undelete by editing");
  const auto name = scene().erased();
  const auto with_flag = [&](char flag) { return name + flag; };
  edit_entry(tally, name, as_bytes(with_flag('\1')), as_bytes(with_flag('\0')));
}

}  // namespace
}  // namespace tokenvault::test
