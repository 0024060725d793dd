#include "keys/slot.hpp"

#include <cstring>

#include "crypto/random.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

struct Made {
  SecretBuffer master = secret(std::string(32, 'm'));
  KeySource source = raw_key();
  keys::Scope scope{crypto::random_array<16>(), 1};
  format::Slot slot;
};

Made make() {
  Made made;
  auto slot = keys::make_slot(made.source, made.scope, made.master);
  REQUIRE(slot);
  made.slot = *std::move(slot);
  return made;
}

Result<SecretBuffer> open(const Made& made, const format::Slot& slot, const keys::Scope& scope) {
  auto key = keys::slot_key(made.source, slot);
  REQUIRE(key);
  return keys::open_slot(*key, slot, scope);
}

TEST_CASE("a slot opens in its own vault and epoch and nowhere else") {
  const auto made = make();
  CHECK(text_of(open(made, made.slot, made.scope)) == std::string(32, 'm'));
  CHECK(code_of(open(made, made.slot, {made.scope.vault_id, 2})) == Errc::wrong_key);
  CHECK(code_of(open(made, made.slot, {crypto::random_array<16>(), 1})) == Errc::wrong_key);
  auto renamed = made.slot;
  renamed.id[0] ^= std::byte{1};
  CHECK(code_of(open(made, renamed, made.scope)) == Errc::wrong_key);
}

TEST_CASE("every changed byte of a slot shows") {
  const auto made = make();
  for (std::size_t i = 0; i < made.slot.body.size(); ++i) {
    auto changed = made.slot;
    changed.body[i] ^= std::byte{1};
    CHECK(code_of(open(made, changed, made.scope)) == Errc::wrong_key);
  }
}

TEST_CASE("a slot keeps its salt and takes a new wrap nonce when it moves to another epoch") {
  const auto made = make();
  const auto key = keys::slot_key(made.source, made.slot);
  REQUIRE(key);
  const auto next = keys::rewrap(made.slot, &*key, {made.scope.vault_id, 2}, made.master);
  const auto again = keys::rewrap(made.slot, &*key, {made.scope.vault_id, 2}, made.master);
  REQUIRE(next);
  REQUIRE(again);
  CHECK(std::ranges::equal(next->params(), made.slot.params()));
  CHECK_FALSE(std::ranges::equal(next->wrap_nonce(), again->wrap_nonce()));
  CHECK(text_of(keys::open_slot(*key, *next, {made.scope.vault_id, 2})) == std::string(32, 'm'));
}

TEST_CASE("Argon2id parameters beyond the bounds are refused before they cost anything") {
  auto source = KeySource::passphrase(secret("words"));
  REQUIRE(source);
  for (const KdfCost cost :
       {KdfCost{3, 0x80000000U}, KdfCost{0x80000000U, 65536}, KdfCost{0, 65536}, KdfCost{3, 8191}}) {
    Writer params;
    params.raw(Bytes(16));
    params.u32(cost.passes);
    params.u32(cost.memory_kib);
    params.raw(Bytes(format::kSealedMasterSize));
    const format::Slot slot{1, {}, params.take()};
    CHECK(code_of(keys::slot_key(*source, slot)) == Errc::refused);
  }
}

}  // namespace
}  // namespace tokenvault::test
