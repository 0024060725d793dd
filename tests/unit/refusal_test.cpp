// Refusals that no other test needs for anything: each is a guard that could go unnoticed.
#include <sys/prctl.h>
#include <sys/resource.h>

#include "crypto/aead.hpp"
#include "crypto/curve.hpp"
#include "crypto/kdf.hpp"
#include "format/node.hpp"
#include "issuer/entry.hpp"
#include "support/dump.hpp"
#include "support/forked.hpp"
#include "support/shared_store.hpp"
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"
#include "tokenvault/secret.hpp"
#include "vault/anchor.hpp"
#include "vault/draft.hpp"

namespace tokenvault::test {
namespace {

TEST_CASE("an anchor that is told of an older state stays where it is") {
  const TempDir folder;
  const FakeClock clock;
  const AnchorFile anchors(folder / "anchors");
  const format::VaultId vault{std::byte{1}};
  REQUIRE(anchors.merge(vault, {5, {}, 1}, clock));
  REQUIRE(anchors.merge(vault, {3, {}, 1}, clock));
  CHECK(anchors.sample()->at(vault).generation == 5);
}

TEST_CASE("what is put expires after 1970") {
  VaultFixture at;
  auto vault = at.create();
  CHECK(code_of(vault.put("a", secret("v"), {.expires = Time()})) == Errc::invalid_argument);
}

TEST_CASE("a new epoch that nobody could open does not begin") {
  VaultFixture at;
  auto vault = at.create();
  const auto own = vault.info()->unlocked_by;
  CHECK(code_of(vault.rotate_master({.drop = {own}})) == Errc::refused);
  CHECK(at.open().info()->epoch == 1);
}

TEST_CASE("eight passphrase slots and no more, and no leap beyond the last generation") {
  const auto store = empty_store();
  State state;
  Draft draft(*store, state, 1);
  for (std::uint8_t i = 0; i < 8; ++i)
    REQUIRE(draft.add_slot({static_cast<std::uint8_t>(SlotKind::passphrase), {std::byte{i}}, {}}, {}));
  CHECK(code_of(draft.add_slot({static_cast<std::uint8_t>(SlotKind::passphrase), {std::byte{9}}, {}}, {})) ==
        Errc::refused);
  CHECK(draft.leap_beyond(1));
  CHECK(code_of(draft.leap_beyond(~std::uint64_t{0} - 1)) == Errc::refused);
}

TEST_CASE("verify tells what the engine found") {
  struct Damaged final : SharedStore {
    using SharedStore::SharedStore;
    Status check() override { return Error(Errc::tampered, "a page is gone"); }
  };
  VaultFixture at;
  at.create();
  const auto vault = Vault::open(std::make_unique<Damaged>(at.store), raw_key(), at.options());
  REQUIRE(vault);
  const auto report = vault->verify();
  REQUIRE(report);
  REQUIRE(report->faults.size() == 1);
  CHECK(report->faults[0].what.find("a page is gone") != std::string::npos);
}

TEST_CASE("a record of an epoch that the vault has no key of does not come back") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  const auto old = Dump::of(*at.store);
  REQUIRE(vault.rotate_master());
  put(vault, "b", "two");
  const auto newer = Dump::of(*at.store);
  const std::shared_ptr<Store> place = old.store();
  CHECK(code_of(Vault::restore(view(place), view(std::shared_ptr<Store>(newer.store())), raw_key(),
                               {.replace = true}, at.options())) == Errc::refused);
  CHECK(Dump::of(*place).root == old.root);
}

TEST_CASE("in a forked child an open vault is to be opened again, and no secret is decoded") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  CHECK(text_of(vault.get("a")) == "one");
  const auto text = secret("b25l");
  CHECK(in_child([&] {
          const auto is_forked = [](const auto& result) {
            return !result && result.error().code() == Errc::forked;
          };
          if (!is_forked(vault.get("a"))) return 1;
          if (!is_forked(vault.info())) return 2;
          if (!is_forked(vault.erase("a"))) return 3;
          if (!is_forked(base64_decode(text))) return 4;
          return 0;
        }) == 0);
}

TEST_CASE("a hardened process is not to be traced, and leaves no core file where it could") {
  CHECK(in_child([] {
          rlimit core = {};
          if (getrlimit(RLIMIT_CORE, &core) != 0) return 1;
          core.rlim_cur = core.rlim_max;
          if (setrlimit(RLIMIT_CORE, &core) != 0 || !harden_process()) return 2;
          if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0) return 3;
          return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 4;
        }) == 0);
}

TEST_CASE("keys of a wrong size open nothing, agree on nothing, and leave nothing behind") {
  std::array<std::byte, 8> plain;
  plain.fill(std::byte{7});
  const std::array<std::byte, 24> sealed{}, nonce{};
  const std::array<std::byte, 31> short_key{};
  CHECK_FALSE(crypto::open(short_key, nonce, {}, sealed, plain));
  CHECK(plain == std::array<std::byte, 8>{});
  std::array<std::byte, 32> out;
  out.fill(std::byte{7});
  std::array<std::byte, 32> whole;
  whole.fill(std::byte{9});
  CHECK_FALSE(crypto::shared_secret(short_key, whole, out));
  CHECK_FALSE(crypto::shared_secret(whole, short_key, out));
}

TEST_CASE("a passphrase that cannot be stretched gives no key") {
  const std::array<std::byte, 16> salt{};
  std::array<std::byte, 32> out{};
  CHECK(code_of(crypto::argon2id(as_bytes("phrase"), salt, 0, 65536, out)) == Errc::out_of_memory);
}

TEST_CASE("no scope at all is not one that a token has") {
  CHECK_FALSE(has_scope("", ""));
  CHECK_FALSE(has_scope("read write", "read write"));
}

}  // namespace
}  // namespace tokenvault::test
