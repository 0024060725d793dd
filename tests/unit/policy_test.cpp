// What no policy may say, wherever it comes from: through the vault, or out of one that somebody else wrote.
#include "format/rotation.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

using std::chrono::seconds;

Policy sound() {
  Policy policy;
  policy.provider = "exec:/p";
  policy.rotate_after = seconds(100);
  policy.grace = seconds(10);
  policy.lifetime = seconds(1000);
  policy.timeout = seconds(30);
  policy.owner = "acme";
  policy.settings = {{"url", "/"}};
  policy.secrets = {{"admin", "acme/admin"}};
  return policy;
}

using Change = void (*)(Policy&);

const std::vector<Change> kWrong = {
    [](Policy& it) { it.provider.clear(); },
    [](Policy& it) { it.provider = "exec:/p\n"; },
    [](Policy& it) { it.provider = std::string(1025, 'p'); },
    [](Policy& it) { it.rotate_after = it.grace = it.lifetime = seconds(-1); },
    [](Policy& it) { it.lifetime = std::chrono::years(11); },
    [](Policy& it) { it.timeout = seconds(0); },
    [](Policy& it) { it.timeout = seconds(3601); },
    [](Policy& it) { it.lifetime = seconds(99); },
    [](Policy& it) { it.grace = seconds(101); },
    [](Policy& it) { it.owner = std::string(256, 'o'); },
    [](Policy& it) { it.owner = "a\x1b"; },
    [](Policy& it) {
      it.settings = {{"two words", "x"}};
    },
    [](Policy& it) {
      it.settings = {{"url", std::string(2049, 'x')}};
    },
    [](Policy& it) {
      it.settings = {{"url", "\r"}};
    },
    [](Policy& it) {
      it.secrets = {{"token", "acme/admin"}};
    },
    [](Policy& it) {
      it.secrets = {{"current", "acme/admin"}};
    },
    [](Policy& it) {
      it.secrets = {{"admin", "acme//admin"}};
    },
    [](Policy& it) {
      for (int i = 0; i < 33; ++i) it.settings["k" + std::to_string(i)] = "v";
    },
    [](Policy& it) {
      for (int i = 0; i < 9; ++i) it.secrets["k" + std::to_string(i)] = "a";
    },
};

TEST_CASE("each rule of a policy is held to, whoever writes it") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "acme/api", "v");
  REQUIRE(vault.set_policy("acme/api", sound()));
  REQUIRE(format::decode_policy(format::encode_policy(sound())));
  for (const auto change : kWrong) {
    auto policy = sound();
    change(policy);
    CAPTURE(&change - kWrong.data());
    CHECK(code_of(check_policy(policy)) == Errc::refused);
    CHECK(code_of(vault.set_policy("acme/api", policy)) == Errc::refused);
    CHECK(code_of(format::decode_policy(format::encode_policy(policy))) == Errc::tampered);
  }
  CHECK(vault.info("acme/api")->policy->owner == "acme");
}

TEST_CASE("a policy can be taken back") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "acme/api", "v");
  REQUIRE(vault.set_policy("acme/api", sound()));
  REQUIRE(vault.set_policy("acme/api", std::nullopt));
  CHECK_FALSE(at.open().info("acme/api")->policy);
  CHECK(code_of(vault.set_policy("nobody", std::nullopt)) == Errc::not_found);
}

TEST_CASE("a token is not its own provider's secret") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "acme/admin", "v");
  CHECK(code_of(vault.set_policy("acme/admin", sound())) == Errc::refused);
}

TEST_CASE("a rotation's state in a phase that there is not, or with lists that none has, is tampered") {
  format::Rotation rotation;
  rotation.phase = Phase::uncertain;
  REQUIRE(format::decode_rotation(format::encode_rotation(rotation)));
  rotation.phase = static_cast<Phase>(static_cast<int>(Phase::aborted) + 1);
  CHECK(code_of(format::decode_rotation(format::encode_rotation(rotation))) == Errc::tampered);
  rotation.phase = Phase::uncertain;
  rotation.note = "two\nlines";
  CHECK(code_of(format::decode_rotation(format::encode_rotation(rotation))) == Errc::tampered);
  rotation.note.clear();
  rotation.made.assign(format::kMaxMade + 1, {1, "id"});
  CHECK(code_of(format::decode_rotation(format::encode_rotation(rotation))) == Errc::tampered);
}

}  // namespace
}  // namespace tokenvault::test
