// The cache of sealed records where names share a hash or its count wraps: it may forget, never mislead.
#include <unordered_map>

#include "support/vault_fixture.hpp"
#include "vault/impl.hpp"

namespace tokenvault::test {
namespace {

/// A way in for this test alone: where a template is instantiated by name, access is not checked.
template <typename Tag, auto Member>
struct Open {
  friend auto member(Tag) { return Member; }
};
struct ImplTag {
  friend auto member(ImplTag);
};
struct HotTag {
  friend auto member(HotTag);
};
struct KeyTag {
  friend auto member(KeyTag);
};
struct StampTag {
  friend auto member(StampTag);
};
template struct Open<ImplTag, &Vault::impl_>;
template struct Open<HotTag, &Vault::Impl::hot_>;
template struct Open<KeyTag, &HotRecords::key_>;
template struct Open<StampTag, &HotRecords::stamp_>;

HotRecords& hot_of(Vault& vault) { return (*(vault.*member(ImplTag{}))).*member(HotTag{}); }

/// Two names that the cache takes for one: it tells them apart by 36 bits.
std::pair<std::string, std::string> colliding(const HotRecords& hot) {
  std::unordered_map<std::uint64_t, int> seen;
  for (int i = 0;; ++i) {
    const auto name = "n/" + std::to_string(i);
    const auto [at, fresh] = seen.emplace(crypto::short_hash(hot.*member(KeyTag{}), as_bytes(name)) >> 28, i);
    if (!fresh) return {"n/" + std::to_string(at->second), name};
  }
}

TEST_CASE("two names of one hash: values, and expiries, do not mix") {
  VaultFixture at;
  auto vault = at.create();
  const auto [first, second] = colliding(hot_of(vault));
  put(vault, first, "one", {.expires = at.clock.now() + std::chrono::seconds(10)});
  put(vault, second, "two");
  for (int i = 0; i < 2; ++i) {
    CHECK(text_of(vault.get(second)) == "two");
    CHECK(text_of(vault.get(first)) == "one");
  }
  at.clock.advance(std::chrono::seconds(10));
  CHECK(text_of(vault.get(second)) == "two");  // while the cache holds the first, which has expired
  CHECK(code_of(vault.get(first)) == Errc::expired);
}

TEST_CASE("a dropped record stays dropped when the count of foreign commits wraps") {
  HotRecords hot;
  const Bytes id(24), sealed(80);
  hot.keep("a", {0, 1, 1, id, sealed});
  REQUIRE(hot.find("a"));
  hot.drop("a");
  hot.*member(StampTag{}) = ~std::uint32_t{0};
  hot.forget();
  CHECK_FALSE(hot.find("a"));
  hot.keep("b", {0, 1, 1, id, sealed});
  CHECK(hot.find("b"));
}

}  // namespace
}  // namespace tokenvault::test
