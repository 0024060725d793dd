// Secrets do not cross fork(): what a child does with its parent's must fail, and never seal under nothing.
#include "support/dump.hpp"
#include "support/forked.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

template <typename T>
bool is(const Result<T>& result, Errc code) {
  return !result && result.error().code() == code;
}

/// Keys of every kind that holds a secret, made before the fork.
std::vector<KeySource> sources() {
  std::vector<KeySource> all;
  all.push_back(raw_key('p'));
  all.push_back(*KeySource::passphrase(secret("correct horse")));
  all.push_back(*KeySource::identity(secret(std::string(32, 'i'))));
  return all;
}

TEST_CASE("a child cannot make a vault with its parent's key, which is not there") {
  const auto keys = sources();
  CHECK(in_child([&] {
          for (const auto& key : keys) {
            VaultFixture at;
            if (!is(Vault::create(at.view(), key, at.options()), Errc::forked)) return 1;
            if (*at.store->revision() != Revision::absent) return 2;
          }
          return 0;
        }) == 0);
}

TEST_CASE("a child cannot open or add a slot with its parent's key") {
  const auto keys = sources();
  CHECK(in_child([&] {
          VaultFixture at;
          auto vault = at.create();
          for (const auto& key : keys) {
            if (!is(vault.add_key(key), Errc::forked)) return 1;
            if (!is(vault.check_key(key), Errc::forked)) return 2;
            if (!is(Vault::open(at.view(), key, at.options()), Errc::forked)) return 3;
            if (!is(vault.rotate_master({.keep = {&key}}), Errc::forked)) return 4;
          }
          return vault.info()->slots.size() == 1 && vault.info()->epoch == 1 ? 0 : 5;
        }) == 0);
}

TEST_CASE("a child cannot put its parent's value, and the token stays as it is") {
  const auto value = secret("parent's");
  CHECK(in_child([&] {
          VaultFixture at;
          auto vault = at.create();
          put(vault, "a", "one");
          if (!is(vault.put("a", value), Errc::forked)) return 1;
          return text_of(vault.get("a")) == "one" && vault.info("a")->versions.size() == 1 ? 0 : 2;
        }) == 0);
}

TEST_CASE("a key source that was moved from opens and makes nothing") {
  VaultFixture at;
  for (auto& key : sources()) {
    const auto taken = std::move(key);
    CHECK(code_of(Vault::create(at.view(), key, at.options())) == Errc::invalid_argument);
    CHECK(*at.store->revision() == Revision::absent);
  }
  auto vault = at.create();
  for (auto& key : sources()) {
    const auto taken = std::move(key);
    CHECK(code_of(vault.add_key(key)) == Errc::invalid_argument);
    CHECK(code_of(vault.check_key(key)) == Errc::invalid_argument);
  }
  CHECK(vault.info()->slots.size() == 1);
}

}  // namespace
}  // namespace tokenvault::test
