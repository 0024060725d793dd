// A wrong key tells by nothing how wrong it is: the same operations on the same sizes, and the same words.
#include "attacks/medium.hpp"
#include "attacks/sodium_calls.hpp"
#include "attacks/tally.hpp"
#include "crypto/curve.hpp"
#include "crypto/random.hpp"
#include "format/recovery_code.hpp"
#include "support/forger.hpp"

namespace tokenvault::test {
namespace {

constexpr std::uint64_t kPasses = 3;
constexpr std::size_t kMemory = std::size_t{64} * 1024 * 1024;

/// Three slots of each kind that is made from a secret, and one of the others.
struct Locked {
  Locked() {
    auto vault = Vault::create(view(store), raw_key('1'));
    REQUIRE(vault);
    put(*vault, "a", "one");
    for (const char fill : {'2', '3'}) REQUIRE(vault->add_key(raw_key(fill)));
    for (const char* words : {"first of three", "second of three", "third of three"})
      REQUIRE(vault->add_key(passphrase(words)));
    pair = *make_key_pair();
    REQUIRE(vault->add_recipient(pair.public_key));
    auto made = vault->add_recovery();
    REQUIRE(made);
    code = *std::move(made);
  }
  static KeySource passphrase(const std::string& words) { return *KeySource::passphrase(secret(words)); }

  struct Answer {
    Errc code{};
    std::string words;
    SodiumCalls calls;
    bool operator==(const Answer&) const = default;
  };
  [[nodiscard]] Answer open(const KeySource& key) const {
    take_sodium_calls();
    const auto vault = Vault::open(view(store), key);
    auto calls = take_sodium_calls();
    return {ending_of(vault), vault ? "" : vault.error().message(), std::move(calls)};
  }
  std::shared_ptr<Store> store = *open_memory_store();
  KeyPair pair;
  SecretBuffer code;
};

/// The same answer as `first` to one wrong key more.
void expect_same(Tally& tally, const Locked::Answer& first, const Locked::Answer& again) {
  tally.expect(again.code == Errc::wrong_key, "a wrong key opens");
  tally.expect(again == first, "a wrong key is told from another");
}

TEST_CASE("raw keys: as many operations for one wrong bit as for all of them") {
  Tally tally("wrong raw keys");
  const Locked at;
  const auto key_of = [](std::string bytes) { return *KeySource::raw_key(secret(bytes)); };
  const auto first = at.open(key_of(std::string(32, '\0')));
  CHECK(first.calls.hashes == 3);
  CHECK(first.calls.comparisons == std::vector<std::size_t>(3, 32));
  CHECK(first.calls.opens == 0);
  CHECK(first.calls.stretches.empty());
  for (const char fill : {'1', '2', '3'})
    for (std::size_t bit = 0; bit < 256; ++bit) {
      std::string bytes(32, fill);
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
      expect_same(tally, first, at.open(key_of(bytes)));
    }
  for (int i = 0; i < 1000; ++i) {
    const auto random = crypto::random_array<32>();
    expect_same(tally, first, at.open(key_of(std::string(as_text(random)))));
  }
}

TEST_CASE("passphrases: as many Argon2id calls, of the stored cost, however near the guess") {
  Tally tally("wrong passphrases");
  const Locked at;
  const auto first = at.open(Locked::passphrase("x"));
  const std::pair cost{kPasses, kMemory};
  CHECK(first.calls.stretches == std::vector(3, cost));
  CHECK(first.calls.comparisons == std::vector<std::size_t>(3, 32));
  CHECK(first.calls.opens == 0);
  const std::string right = "second of three";
  for (std::size_t size = 1; size <= 1024; ++size) {
    if (size != right.size())
      expect_same(tally, first,
                  at.open(Locked::passphrase((right + std::string(1024, '!')).substr(0, size))));
  }
  for (std::size_t i = 0; i < right.size(); ++i)
    for (unsigned letter = 0; letter < 256; ++letter) {
      auto guess = right;
      guess[i] = static_cast<char>(letter);
      if (guess != right) expect_same(tally, first, at.open(Locked::passphrase(guess)));
    }
}

TEST_CASE("real Argon2id is called as often") {
  Tally tally("wrong passphrases, with Argon2id itself");
  use_real_argon2(true);
  const Locked at;
  const auto first = at.open(Locked::passphrase("x"));
  CHECK(first.calls.stretches.size() == 3);
  expect_same(tally, first, at.open(Locked::passphrase("second of thref")));
  tally.expect(at.open(Locked::passphrase("second of three")).code == Errc{}, "the right one");
  use_real_argon2(false);
}

TEST_CASE("private keys: one that fits no slot is told by its public half alone, which is no secret") {
  Tally tally("wrong private keys");
  const Locked at;
  const auto identity = [](BytesView bytes) { return *KeySource::identity(secret(as_text(bytes))); };
  const auto first = at.open(identity(crypto::random_array<32>()));
  CHECK(first.calls.opens == 0);
  CHECK(first.calls.multiplications == 0);
  CHECK(first.calls.comparisons.empty());
  const auto view = at.pair.private_key.expose();
  const Bytes right(view.begin(), view.end());
  int same = 0;
  for (std::size_t bit = 0; bit < 256; ++bit) {
    auto bytes = right;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    PublicKey half;
    crypto::public_key(bytes, half);
    // X25519 takes no notice of five bits of a private key: such a key is the same one.
    if (half == at.pair.public_key) {
      ++same;
      continue;
    }
    expect_same(tally, first, at.open(identity(bytes)));
  }
  CHECK(same == 5);
}

TEST_CASE("recovery codes: another vault's code costs as little as any other") {
  Tally tally("wrong recovery codes");
  const Locked at;
  const auto wrong = [&] {
    const auto code = format::encode_recovery(make_key_pair()->private_key);
    return at.open(*KeySource::recovery(*code));
  };
  const auto first = wrong();
  for (int i = 0; i < 300; ++i) expect_same(tally, first, wrong());
  tally.expect(at.open(*KeySource::recovery(at.code)).code == Errc{}, "the right one");
}

TEST_CASE("a cost out of bounds is refused before Argon2id is called at all") {
  Tally tally("Argon2id calls for a planted cost");
  const Locked at;
  auto dump = Dump::of(*at.store);
  for (const std::uint32_t passes : {0U, 17U, 0xffffffffU})
    for (const std::uint32_t memory : {0U, 8191U, 1048577U, 0xffffffffU}) {
      auto changed = dump;
      changed.root = with_header(dump, [&](format::Header& header) {
        Writer cost;
        cost.u32(passes);
        cost.u32(memory);
        const auto slot = std::ranges::find(header.slots, 1, &format::Slot::type);
        std::ranges::copy(cost.view(), slot->body.begin() + 16);
      });
      take_sodium_calls();
      const auto opened = Vault::open(changed.store(), Locked::passphrase("first of three"));
      tally.expect(ending_of(opened) == Errc::refused && take_sodium_calls().stretches.empty(), "a cost");
    }
}

TEST_CASE("a right key: the slots before its own are tried first, and that is all that its time tells") {
  Tally tally("right keys by their place");
  const Locked at;
  std::uint64_t place = 0;
  for (const char fill : {'1', '2', '3'}) {
    const auto answer = at.open(raw_key(fill));
    ++place;
    // Each slot's commitment, then the header's MAC.
    tally.expect(answer.code == Errc{} && answer.calls.comparisons.size() == place + 1, "a raw key");
  }
}

}  // namespace
}  // namespace tokenvault::test
