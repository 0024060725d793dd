// Whoever may write to the store plays against the vault: each move ends in a documented error.
#include "support/dump.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

/// A vault of 300 tokens: some levels of nodes, several stages.
Dump sample(VaultFixture& at) {
  auto vault = at.create();
  for (int i = 0; i < 300; ++i) put(vault, "t/" + std::to_string(i), "value " + std::to_string(i));
  put(vault, "t/7", "value 7");
  return Dump::of(*at.store);
}

Vault open_dump(const VaultFixture& at, const Dump& dump) {
  auto vault = Vault::open(dump.store(), raw_key(), at.options());
  REQUIRE(vault);
  return *std::move(vault);
}

TEST_CASE("a blob that is gone, swapped, cut or changed is found by verify and never read wrong") {
  VaultFixture at;
  const auto good = sample(at);
  int step = 0;
  for (const auto& [id, bytes] : good.blobs) {
    auto dump = good;
    switch (step++ % 4) {
      case 0: dump.blobs.erase(id); break;
      case 1: dump.blobs[id][bytes.size() / 2] ^= std::byte{1}; break;
      case 2: dump.blobs[id].pop_back(); break;
      case 3: dump.blobs[id] = good.blobs.begin()->second; break;
    }
    if (dump.blobs == good.blobs) continue;
    auto vault = open_dump(at, dump);
    const auto report = vault.verify();
    REQUIRE(report);
    REQUIRE_FALSE(report->faults.empty());
    CHECK(report->faults.front().code == Errc::tampered);
    for (const int i : {0, 7, 150, 299}) {
      const auto value = vault.get("t/" + std::to_string(i));
      if (value)
        CHECK(text_of(*value) == "value " + std::to_string(i));
      else
        CHECK(value.error().code() == Errc::tampered);
    }
  }
  CHECK(step == static_cast<int>(good.blobs.size()));
}

TEST_CASE("every byte of a small vault's root flipped: the documented errors and nothing else") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  const auto good = Dump::of(*at.store);
  int wrong_key = 0, tampered = 0, unsupported = 0;
  for (std::size_t i = 0; i < good.root.size(); ++i) {
    auto dump = good;
    dump.root[i] ^= std::byte{0x41};
    const auto opened = Vault::open(dump.store(), raw_key(), at.options());
    REQUIRE_FALSE(opened.has_value());
    wrong_key += opened.error().code() == Errc::wrong_key ? 1 : 0;
    tampered += opened.error().code() == Errc::tampered ? 1 : 0;
    unsupported += opened.error().code() == Errc::unsupported ? 1 : 0;
  }
  CHECK(unsupported == 2);
  CHECK(wrong_key > 0);
  CHECK(wrong_key + tampered + unsupported == static_cast<int>(good.root.size()));
}

TEST_CASE("a root cut anywhere, or with bytes behind it, is refused") {
  VaultFixture at;
  at.create();
  const auto good = Dump::of(*at.store);
  for (std::size_t size = 1; size < good.root.size(); ++size) {
    auto dump = good;
    dump.root.resize(size);
    REQUIRE(code_of(Vault::open(dump.store(), raw_key(), at.options())) == Errc::tampered);
  }
  auto dump = good;
  dump.root.push_back(std::byte{0});
  CHECK(code_of(Vault::open(dump.store(), raw_key(), at.options())) == Errc::tampered);
}

TEST_CASE("an old root over new blobs, new blobs under an old root: no mix opens") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  const auto old = Dump::of(*at.store);
  put(vault, "a", "two");
  auto mix = Dump::of(*at.store);
  mix.root = old.root;  // a consistent old root whose nodes and records are still there
  auto replayed = open_dump(at, mix);
  CHECK(text_of(replayed.get("a")) == "one");  // an old copy is authentic: only an anchor tells
  mix.blobs.clear();
  auto bare = open_dump(at, mix);
  CHECK(code_of(bare.get("a")) == Errc::tampered);
}

TEST_CASE("blobs that nothing names are counted and harm nothing") {
  VaultFixture at;
  auto dump = sample(at);
  BlobId id;
  id.bytes.fill(std::byte{0xee});
  dump.blobs[id] = Bytes(100);
  const auto report = open_dump(at, dump).verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->orphans == 1);
}

TEST_CASE("two vaults under one key do not mix") {
  VaultFixture a, b;
  auto first = a.create();
  auto second = b.create();
  put(first, "a", "one");
  put(second, "a", "two");
  auto mixed = Dump::of(*a.store);
  mixed.blobs.begin()->second = Dump::of(*b.store).blobs.begin()->second;
  CHECK(code_of(open_dump(a, mixed).get("a")) == Errc::tampered);
}

}  // namespace
}  // namespace tokenvault::test
