#pragma once
#include <array>
#include <string_view>

#include "support/vault_fixture.hpp"
#include "tokenvault/fake_provider.hpp"
#include "tokenvault/rotation.hpp"

namespace tokenvault::test {

/// A kind of provider as they are met.
struct ProviderModel {
  std::string_view name;
  Issue issue;
  OldToken old;
  bool find, revoke, one_previous, reuse_kills;

  [[nodiscard]] FakeBehaviour behaviour() const {
    FakeBehaviour how;
    how.capabilities = {.issue = issue,
                        .old = old,
                        .find = find,
                        .revoke = revoke,
                        .one_previous = one_previous,
                        .steps = {}};
    if (old == OldToken::expires) how.capabilities.overlap = std::chrono::hours(1);
    how.reuse_kills = reuse_kills;
    return how;
  }
};

inline constexpr std::array kModels{
    ProviderModel{"parallel", Issue::once, OldToken::kept, true, true, false, false},
    ProviderModel{"parallel, replay safe", Issue::replay_safe, OldToken::kept, true, true, false, false},
    ProviderModel{"parallel, cannot find", Issue::once, OldToken::kept, false, true, false, false},
    ProviderModel{"parallel, ends nothing", Issue::once, OldToken::kept, false, false, false, false},
    ProviderModel{"overlap", Issue::once, OldToken::expires, false, false, false, false},
    ProviderModel{"overlap, replay safe", Issue::replay_safe, OldToken::expires, true, true, false, false},
    ProviderModel{"overlap, one previous", Issue::once, OldToken::expires, false, false, true, false},
    ProviderModel{"single slot", Issue::once, OldToken::dies, false, false, false, false},
    ProviderModel{"single slot, replay safe", Issue::replay_safe, OldToken::dies, false, false, false, false},
    ProviderModel{"single slot, reuse kills", Issue::once, OldToken::dies, false, true, false, true},
};

/// A token "acme/api" in a vault, and a provider that takes it.
class RotationFixture {
 public:
  explicit RotationFixture(const FakeBehaviour& how) : provider(how, vaults.clock), vault(vaults.create()) {
    auto first = provider.make_token();
    REQUIRE(first);
    REQUIRE(vault.put(kName, *first));
  }

  [[nodiscard]] RotatorOptions options() {
    RotatorOptions chosen;
    chosen.random = [this](std::span<std::byte> out) {
      for (auto& byte : out) byte = std::byte(++drawn_);
    };
    return chosen;
  }
  Rotator rotator() { return Rotator(vault, kName, provider, options()); }
  RotationInfo status() {
    auto info = rotator().status();
    REQUIRE(info);
    return *info;
  }
  /// Whether the vault's current token is good.
  bool serves() {
    const auto value = vault.get(kName, {.expired_ok = true});
    REQUIRE(value);
    return provider.accepts(*value);
  }
  std::uint32_t version() {
    const auto info = vault.info(kName);
    REQUIRE(info);
    return info->version;
  }

  static constexpr const char* kName = "acme/api";
  VaultFixture vaults;
  FakeProvider provider;
  Vault vault;

 private:
  unsigned drawn_ = 0;
};

inline std::string why(const Result<RotationInfo>& result) {
  return result ? std::string(to_string(result->phase)) + ": " + result->note
                : std::string(to_string(result.error().code())) + ": " + result.error().message();
}

}  // namespace tokenvault::test
