// Roots that another writer sealed, with the right key and by docs/format.md, but not as we would.
#include <functional>

#include "core/try.hpp"
#include "support/dump.hpp"
#include "support/vault_fixture.hpp"
#include "vault/state.hpp"

namespace tokenvault::test {
namespace {

using Edit = std::function<void(format::Header&, format::Top&)>;

/// The root of `at`, changed by `edit` and sealed again under the same master key.
Status reseal(const VaultFixture& at, const Edit& edit) {
  TV_TRY(const auto root, at.store->root());
  TV_TRY(const auto parts, format::parse_root(root.bytes));
  TV_TRY(auto unlocked, keys::unlock(parts.header, raw_key()));
  const auto copy = secret(text_of(unlocked.master));
  TV_TRY(auto state, open_state(root, parts, std::move(unlocked.master)));
  edit(state.header, state.top);
  for (auto& slot : state.header.slots) {
    if (!slot.known()) continue;
    TV_TRY(slot, keys::rewrap(slot, &unlocked.key, {state.header.vault_id, state.header.epoch}, copy));
  }
  TV_TRY(const auto ring, Keyring::make(state.header, secret(text_of(copy))));
  Writer out;
  out.raw(format::encode_header(state.header));
  out.raw(format::header_mac(copy, out.view()));
  out.raw(format::seal_top(ring.top(), out.view(), state.top, state.tree_key));
  TV_CHECK(at.store->commit({root.revision, out.view(), {}, {}}));
  return Ok{};
}

/// The vault still opens and gives what was in it.
void check_alive(const VaultFixture& at) {
  const auto vault = Vault::open(at.view(), raw_key(), at.options());
  REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
  CHECK(text_of(vault->get("a")) == "one");
}

struct Foreign : VaultFixture {
  Foreign() {
    auto vault = create();
    put(vault, "a", "one");
  }
};

TEST_CASE("32 labels of slots that are gone leave room for a new slot's") {
  Foreign at;
  REQUIRE(reseal(at, [](format::Header&, format::Top& top) {
    for (std::uint8_t i = 1; top.labels.size() < format::kMaxSlots; ++i) {
      const format::SlotLabel gone{{std::byte{0}, std::byte{i}}, 1, "gone"};
      top.labels.insert(std::ranges::lower_bound(top.labels, gone.slot, {}, &format::SlotLabel::slot), gone);
    }
  }));
  auto vault = at.open();
  REQUIRE(vault.add_key(raw_key('b'), "new"));
  check_alive(at);
  CHECK(at.open().info()->slots[1].label == "new");
}

TEST_CASE("the last generation can be read, and nothing is written after it") {
  Foreign at;
  REQUIRE(reseal(at, [](format::Header& header, format::Top&) { header.generation = ~std::uint64_t{0}; }));
  auto vault = at.open();
  CHECK(code_of(vault.put("a", secret("two"))) == Errc::refused);
  check_alive(at);
}

TEST_CASE("the last epoch can be read and written, and none follows") {
  Foreign at;
  REQUIRE(reseal(at, [](format::Header& header, format::Top&) {
    header.generation += 1;
    header.epoch = ~std::uint32_t{0};
  }));
  auto vault = at.open();
  CHECK(code_of(vault.rotate_master()) == Errc::refused);
  CHECK(put(vault, "b", "two") == 1);
  CHECK(text_of(at.open().get("b")) == "two");
}

TEST_CASE("a slot of a kind not known here is carried by every change but a new epoch, which names it") {
  Foreign at;
  const SlotId unknown{std::byte{9}};
  REQUIRE(reseal(at, [&](format::Header& header, format::Top&) {
    header.slots.insert(header.slots.begin(), {5, unknown, Bytes(77, std::byte{3})});
  }));
  auto vault = at.open();
  put(vault, "b", "two");
  const auto extra = vault.add_key(raw_key('b'));
  REQUIRE(extra);
  REQUIRE(vault.remove_key(*extra));
  const auto root = at.store->root();
  REQUIRE(root);
  CHECK(format::parse_root(root->bytes)->header.slots.front().body == Bytes(77, std::byte{3}));
  const auto refused = vault.rotate_master();
  CHECK(code_of(refused) == Errc::refused);
  CHECK(refused.error().message().find("0900000000000000") != std::string::npos);
  REQUIRE(vault.rotate_master({.drop = {unknown}}));
  check_alive(at);
}

TEST_CASE("an expiry that another writer changed without a new version is heeded, cached or not") {
  Foreign at;
  auto vault = at.open();
  CHECK(text_of(vault.get("a")) == "one");
  REQUIRE(reseal(at, [&](format::Header& header, format::Top& top) {
    header.generation += 1;
    auto& entry = top.body.entries.front();
    entry.versions.front().expires = entry.wake = 1'800'000'010;
  }));
  CHECK(text_of(vault.get("a")) == "one");
  at.clock.advance(std::chrono::seconds(10));
  CHECK(code_of(at.open().get("a")) == Errc::expired);
  CHECK(code_of(vault.get("a")) == Errc::expired);
}

}  // namespace
}  // namespace tokenvault::test
