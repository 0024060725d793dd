// Padding gives nothing away: sizes come in steps, and a wrong pad ends as any other change does, in the same words.
#include <set>

#include "attacks/medium.hpp"
#include "attacks/scene.hpp"
#include "attacks/tally.hpp"
#include "crypto/random.hpp"
#include "support/forger.hpp"

namespace tokenvault::test {
namespace {

TEST_CASE("the size of a sealed value depends on its step of 64 bytes alone") {
  Tally tally("sizes of sealed values");
  const auto key = secret(std::string(32, 'k'));
  for (std::size_t size = 1; size <= kMaxSecretSize; ++size) {
    const auto value = SecretBuffer::allocate(size);
    REQUIRE(value);
    const auto sealed = format::seal_record(key, {}, {"name", 1, 1}, *value);
    tally.expect(sealed.blob.bytes.size() == (size / 64 + 1) * 64 + crypto::kTagSize, "a value");
  }
}

TEST_CASE("the size of a sealed node depends on its step of 1 KiB alone") {
  Tally tally("sizes of sealed nodes");
  const auto key = secret(std::string(32, 'k'));
  format::Body body;
  body.entries.push_back(
      {.name = "name", .last = 1, .fields = {}, .versions = {{.number = 1, .record = {}}}});
  const auto bare = format::encode_body(body).size();
  for (std::size_t more = 4; more < 60'000; more += full_proof() ? 1 : 31) {
    body.entries[0].fields = {{200, Bytes(more - 3)}};
    const auto encoded = bare + more;
    const auto sealed = format::seal_node(key, {}, 1, format::Digits{}.down(3), body);
    tally.expect(sealed.blob.bytes.size() == (encoded / 1024 + 1) * 1024 + crypto::kTagSize, "a node");
  }
  if (!full_proof()) left_out("30 in 31 sizes of nodes");
}

TEST_CASE("whole vaults of one step are of one size") {
  Tally tally("sizes of whole vaults");
  std::set<std::size_t> sizes;
  for (std::size_t size = 1; size < 64; ++size) {
    const std::shared_ptr<Store> store = *open_memory_store();
    auto vault = Vault::create(view(store), raw_key(), Scene::one().options());
    REQUIRE(vault);
    put(*vault, std::string(size, 'n'), std::string(size, 'v'), {.label = std::string(64 - size, 'l')});
    sizes.insert(Dump::of(*store).in_one_piece().size());
    tally.expect(sizes.size() == 1, "a vault");
  }
}

/// Everything that is no padding of `plain` to steps of `block`, and looks like it.
std::vector<Bytes> wrong_pads(const Bytes& plain, std::size_t block) {
  const auto right = padded(plain, block);
  std::vector<Bytes> wrong;
  for (unsigned mark = 0; mark < 256; ++mark) {
    if (mark == 0x80) continue;
    wrong.push_back(right);
    wrong.back()[plain.size()] = static_cast<std::byte>(mark);
  }
  for (std::size_t at = plain.size() + 1; at < right.size(); ++at) {
    wrong.push_back(right);  // something behind the mark
    wrong.back()[at] = std::byte{1};
  }
  wrong.push_back(right);
  wrong.back().resize(right.size() + block);  // a step too much
  wrong.emplace_back(right.size());           // zeros alone
  wrong.push_back(right);
  wrong.back().pop_back();
  wrong.push_back(right);
  wrong.back().push_back(std::byte{0});
  return wrong;
}

/// The only answer to all that is sealed under the right key and is not what it should be.
struct Words {
  explicit Words(Tally& to) : tally(to) {}
  template <typename T>
  void expect(const Result<T>& result) {
    if (result) return tally.expect(false, "a wrong pad was taken");
    tally.expect(result.error().code() == Errc::tampered, result.error().message());
    said.insert(result.error().message());
  }
  Tally& tally;
  std::set<std::string> said;
};

/// A vault of one token, by a member who seals what they like.
struct Small {
  Small() {
    auto vault = Vault::create(view(store), raw_key(), Scene::one().options());
    REQUIRE(vault);
    put(*vault, "a", "one");
    dump = Dump::of(*store);
  }
  static Result<Vault> open(const Dump& dump) {
    return Vault::open(std::make_unique<LooseStore>(std::make_shared<Cell>(Cell{dump, 1})), raw_key(),
                       Scene::one().options());
  }
  /// With `sealed` as the record of the only version.
  [[nodiscard]] Dump with_record(const BlobId& id, const Bytes& sealed) const {
    auto changed = dump;
    changed.root = Forger(dump, raw_key()).root([&](format::Header&, format::Top& top) {
      top.body.entries[0].versions[0].record = pointer_to(id, 1, sealed);
    });
    changed.blobs = {{id, sealed}};
    return changed;
  }
  std::shared_ptr<Store> store = *open_memory_store();
  Dump dump;
};

TEST_CASE("a record with a wrong pad ends as one that does not open") {
  Tally tally("wrong pads of records");
  const Small at;
  Forger member(at.dump, raw_key());
  const BlobId id{crypto::random_array<24>()};
  const auto seal = [&](BytesView plain) { return member.record(id, {"a", 1, 1}, plain); };
  const Bytes value(40, std::byte{'v'});
  const auto right = seal(padded(value, 64));
  CHECK(text_of(Small::open(at.with_record(id, right))->get("a")) == std::string(40, 'v'));
  Words words(tally);
  for (const auto& wrong : wrong_pads(value, 64))
    words.expect(Small::open(at.with_record(id, seal(wrong)))->get("a"));
  words.expect(Small::open(at.with_record(id, seal(padded({}, 64))))->get("a"));
  for (std::size_t byte = 0; byte < right.size(); ++byte) {
    auto changed = right;
    changed[byte] ^= std::byte{1};
    words.expect(Small::open(at.with_record(id, changed))->get("a"));
  }
  CHECK(words.said.size() == 1);
}

TEST_CASE("a node with a wrong pad ends as one that does not open") {
  Tally tally("wrong pads of nodes");
  const auto& scene = Scene::one();
  Forger member(scene.now(), Scene::key());
  const auto& name = scene.token(6, 0);
  const auto digits = format::Digits{}.down(6);
  const auto& old = member.state().top.body.children[6]->pointer;
  const auto plain =
      format::open_node((*member.state().keys.of(old.epoch))->node, member.state().header.vault_id, old,
                        digits, scene.now().blobs.at(old.id));
  REQUIRE(plain);
  const BlobId id{crypto::random_array<24>()};
  const auto open = [&](const Bytes& sealed) {
    auto dump = scene.now();
    dump.root = member.root([&](format::Header& header, format::Top& top) {
      top.body.children[6]->pointer = pointer_to(id, header.epoch, sealed);
    });
    dump.blobs[id] = sealed;
    return Vault::open(std::make_unique<LooseStore>(std::make_shared<Cell>(Cell{dump, 1})), Scene::key(),
                       scene.options());
  };
  const auto right = member.node(id, digits, padded(*plain, 1024));
  CHECK(text_of(open(right)->get(name)) == scene.value(name));
  Words words(tally);
  for (const auto& wrong : wrong_pads(*plain, 1024))
    words.expect(open(member.node(id, digits, wrong))->get(name));
  for (std::size_t byte = 0; byte < right.size(); byte += 16) {
    auto changed = right;
    changed[byte] ^= std::byte{1};
    words.expect(open(changed)->get(name));
  }
  CHECK(words.said.size() == 1);
}

TEST_CASE("a top node with a wrong pad ends as one that does not open") {
  Tally tally("wrong pads of the top node");
  const Small at;
  const Forger member(at.dump, raw_key());
  const auto parts = format::parse_root(at.dump.root);
  const auto ring = Keyring::make(parts->header, secret(text_of(member.master())));
  Bytes plain(parts->top_sealed.size() - crypto::kTagSize);
  REQUIRE(
      crypto::open(ring->top().expose(), parts->top_nonce, parts->header_bytes, parts->top_sealed, plain));
  const auto [inside, ok] = unpad(plain, 1024);
  REQUIRE(ok);
  const Bytes top(inside.begin(), inside.end());
  const auto nonce = crypto::random_array<24>();
  const auto open = [&](const Bytes& sealed) {
    Writer root;
    root.raw(parts->header_bytes);
    root.raw(nonce);
    root.u32(static_cast<std::uint32_t>(sealed.size()));
    root.raw(sealed);
    return Small::open({root.take(), at.dump.blobs});
  };
  const auto seal = [&](BytesView what) {
    return seal_by_hand(ring->top().expose(), nonce, parts->header_bytes, what);
  };
  const auto right = seal(padded(top, 1024));
  CHECK(text_of(open(right)->get("a")) == "one");
  Words words(tally);
  for (const auto& wrong : wrong_pads(top, 1024)) words.expect(open(seal(wrong)));
  for (std::size_t byte = 0; byte < right.size(); ++byte) {
    auto changed = right;
    changed[byte] ^= std::byte{1};
    words.expect(open(changed));
  }
  CHECK(words.said.size() == 1);
}

}  // namespace
}  // namespace tokenvault::test
