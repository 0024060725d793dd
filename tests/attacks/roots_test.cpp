// By whoever may write to the store: the root edited, put together of two, put back as it was.
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

/// `header` of one root before the top node of another.
Bytes spliced(const Bytes& header, const Bytes& top) {
  const auto head = format::parse_root(header);
  const auto tail = format::parse_root(top);
  REQUIRE(head);
  REQUIRE(tail);
  Bytes root(head->header_bytes.begin(), head->header_bytes.end());
  const auto rest = BytesView(top).subspan(tail->header_bytes.size());
  root.insert(root.end(), rest.begin(), rest.end());
  return root;
}

/// The scene's newest copy with another root.
Dump with_root(Bytes root) {
  auto dump = scene().now();
  dump.root = std::move(root);
  return dump;
}

/// The newest header, changed; its MAC and the top node stay.
Bytes with_header(const std::function<void(format::Header&)>& edit) {
  return with_header(scene().now(), edit);
}

/// Another vault under the same key, with tokens of the same names.
const Dump& other_vault() {
  static const Dump dump = [] {
    const std::shared_ptr<Store> store = *open_memory_store();
    auto vault = Vault::create(std::make_unique<SharedStore>(store), Scene::key(), scene().options());
    REQUIRE(vault);
    for (const auto& [name, number] : scene().current()) put(*vault, name, "of another vault");
    while (vault->info()->generation < scene().history().size() + 10) put(*vault, scene().aged(), "again");
    return Dump::of(*store);
  }();
  return dump;
}

TEST_CASE("an old header before the newest top node") {
  Tally tally("an old header");
  // Those of the second epoch have the same master key, so their MAC is right.
  for (std::size_t i = scene().second_epoch(); i + 1 < scene().history().size(); ++i) {
    auto ending = all(Errc::tampered);
    // What the header says is true, and older than the anchor, before anything behind it is looked at.
    ending.anchored = Errc::stale;
    Judge(tally).pass(with_root(spliced(scene().history()[i].root, scene().now().root)), ending);
  }
}

TEST_CASE("the newest header before an old top node") {
  Tally tally("an old top node");
  for (std::size_t i = scene().second_epoch(); i + 1 < scene().history().size(); ++i) {
    auto ending = all(Errc::tampered);
    ending.anchored = Errc::stale;
    Judge(tally).pass(with_root(spliced(scene().now().root, scene().history()[i].root)), ending);
  }
}

TEST_CASE("a header of the first epoch before the newest top node") {
  Tally tally("a header of an earlier epoch");
  auto ending = all(Errc::tampered);
  ending.anchored = Errc::stale;
  Judge(tally).pass(with_root(spliced(scene().history()[1].root, scene().now().root)), ending);
}

TEST_CASE("a generation raised by editing, so that an old copy looked new") {
  Tally tally("a generation raised by editing");
  for (const std::uint64_t ahead : {1U, 1000U})
    Judge(tally).pass(with_root(with_header([&](auto& header) { header.generation += ahead; })),
                      all(Errc::tampered));
}

TEST_CASE("an epoch changed by editing opens no slot") {
  Tally tally("an epoch changed by editing");
  for (const std::uint32_t epoch : {1U, 3U})
    Judge(tally).pass(with_root(with_header([&](auto& header) { header.epoch = epoch; })),
                      all(Errc::wrong_key));
}

TEST_CASE("the history of master keys cut off, or of another vault") {
  Tally tally("history cut or replaced");
  Judge(tally).pass(with_root(with_header([](auto& header) { header.history.clear(); })),
                    all(Errc::tampered));
  Judge(tally).pass(with_root(with_header([](auto& header) {
                      for (auto& byte : header.history) byte = crypto::random_array<1>()[0];
                    })),
                    all(Errc::tampered));
}

TEST_CASE("two vaults of one key mixed: the header of one, the top node of the other") {
  Tally tally("mix two vaults: header and top node");
  Judge(tally).pass(with_root(spliced(scene().now().root, other_vault().root)),
                    Ending{Errc::tampered, Errc::stale, Errc::tampered, {}, {}});
  auto ending = all(Errc::tampered);
  ending.following = Errc::stale;
  Judge(tally).pass(with_root(spliced(other_vault().root, scene().now().root)), ending);
}

TEST_CASE("two vaults of one key mixed: a slot of the other") {
  Tally tally("mix two vaults: slots");
  const auto theirs = format::parse_root(other_vault().root)->header.slots;
  Judge(tally).pass(with_root(with_header([&](auto& header) { header.slots = theirs; })),
                    all(Errc::wrong_key));
  Judge(tally).pass(with_root(with_header([&](auto& header) { header.slots.push_back(theirs[0]); })),
                    all(Errc::tampered));
}

TEST_CASE("two vaults of one key mixed: blobs of the other") {
  Tally tally("mix two vaults: blobs");
  Ending ending;
  auto dump = scene().now();
  auto next = other_vault().blobs.begin();
  for (auto& [id, bytes] : dump.blobs) {
    bytes = next->second;
    ending.hit.insert(id);
    if (++next == other_vault().blobs.end()) next = other_vault().blobs.begin();
  }
  Judge(tally).pass(dump, ending);
}

TEST_CASE("an old root whose blobs are those of now") {
  Tally tally("an old root over new blobs");
  int lost = 0;
  for (std::size_t i = 1; i + 1 < scene().history().size(); ++i) {
    auto dump = scene().now();
    dump.root = scene().history()[i].root;
    const auto vault = Vault::open(dump.store(), Scene::key(), scene().options());
    REQUIRE(vault);
    for (const auto& [name, number] : scene().current()) {
      const auto value = vault->get(name);
      const auto& versions = scene().values().at(name);
      const auto is_one = [&](const auto& version) { return text_of(value) == version.second; };
      const bool right = value && std::ranges::any_of(versions, is_one);
      tally.expect(right || ending_of(value) == Errc::tampered, name);
      lost += right ? 0 : 1;
    }
  }
  CHECK(lost > 0);
}

/// Every answer that docs/format.md section 7 has for a root, and nothing else.
bool is_refusal(Errc code) {
  return code == Errc::tampered || code == Errc::wrong_key || code == Errc::unsupported ||
         code == Errc::refused;
}

TEST_CASE("every bit of the root") {
  Tally tally("every bit of the root flipped");
  const auto& root = scene().now().root;
  std::map<Errc, int> ends;
  for (std::size_t bit = 0; bit < root.size() * 8; ++bit) {
    auto dump = Dump{root, {}};
    dump.root[bit / 8] ^= std::byte{1} << (bit % 8);
    const auto opened = Vault::open(std::make_unique<LooseStore>(std::make_shared<Cell>(Cell{dump, 1})),
                                    Scene::key(), scene().options());
    tally.expect(is_refusal(ending_of(opened)), "bit " + std::to_string(bit));
    ++ends[ending_of(opened)];
  }
  CHECK(ends[Errc::unsupported] == 16);  // the two bytes of the version
  CHECK(ends[Errc::wrong_key] > 800);    // at least the slot's own
}

TEST_CASE("a root cut at every length, or with a byte behind it") {
  Tally tally("a root cut at every length");
  const auto& root = scene().now().root;
  for (std::size_t size = 0; size <= root.size() + 1; ++size) {
    if (size == root.size()) continue;
    auto dump = Dump{root, {}};
    dump.root.resize(size);
    const auto opened = Vault::open(std::make_unique<LooseStore>(std::make_shared<Cell>(Cell{dump, 1})),
                                    Scene::key(), scene().options());
    tally.expect(ending_of(opened) == Errc::tampered, "length " + std::to_string(size));
  }
}

}  // namespace
}  // namespace tokenvault::test
