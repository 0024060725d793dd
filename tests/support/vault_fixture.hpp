#pragma once
#include <doctest/doctest.h>

#include <string>

#include "core/bytes.hpp"
#include "support/fake_clock.hpp"
#include "support/ground.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::test {

inline SecretBuffer secret(std::string_view text) {
  auto made = SecretBuffer::copy_of(as_bytes(text));
  REQUIRE(made);
  return *std::move(made);
}

/// A test's values are no secrets; everything else keeps to expose().
inline std::string text_of(const SecretBuffer& value) { return std::string(as_text(value.expose())); }

inline std::string text_of(const Result<SecretBuffer>& value) {
  return value ? text_of(*value) : "error: " + std::string(to_string(value.error().code()));
}

template <typename T>
Errc code_of(const Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().code();
}

/// How it went, without what came of it.
template <typename T>
Status status_of(const Result<T>& result) {
  if (!result) return result.error();
  return Ok{};
}

inline KeySource raw_key(char fill = 'k') {
  auto key = KeySource::raw_key(secret(std::string(32, fill)));
  REQUIRE(key);
  return *std::move(key);
}

/// A vault in a store of its own, and as many more views of the same store as a test asks for.
class VaultFixture {
 public:
  [[nodiscard]] VaultOptions options() const {
    VaultOptions chosen;
    chosen.clock = &clock;
    return chosen;
  }
  [[nodiscard]] std::unique_ptr<Store> view() const { return test::view(store); }

  Vault create(const KeySource& key = raw_key()) const {
    auto vault = Vault::create(view(), key, options());
    REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
    return *std::move(vault);
  }
  [[nodiscard]] Vault open(const KeySource& key = raw_key()) const {
    auto vault = Vault::open(view(), key, options());
    REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
    return *std::move(vault);
  }

  FakeClock clock;
  std::shared_ptr<Store> store = empty_store();
};

inline std::uint32_t put(Vault& vault, std::string_view name, std::string_view value,
                         const PutOptions& options = {}) {
  auto number = vault.put(name, secret(value), options);
  REQUIRE_MESSAGE(number, (number ? "" : number.error().message()));
  return *number;
}

}  // namespace tokenvault::test
