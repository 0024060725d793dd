#pragma once
#include <functional>
#include <optional>

#include "support/broken_world.hpp"
#include "support/watched_provider.hpp"

namespace tokenvault::test {

/// One process at work in a world.
struct Worker {
  explicit Worker(BrokenWorld& world)
      : watched(world.log), vault(open(world)), rotator(vault, BrokenWorld::kName, watched, {}) {}

  static Vault open(BrokenWorld& world) {
    auto vault = world.open();
    REQUIRE(vault);
    return *std::move(vault);
  }
  RotationInfo status() {
    auto info = rotator.status();
    REQUIRE(info);
    return *info;
  }
  std::uint32_t version() {
    const auto info = vault.info(BrokenWorld::kName);
    REQUIRE(info);
    return info->version;
  }
  SecretBuffer value(std::uint32_t number = 0) {
    auto value = vault.get(BrokenWorld::kName, {.number = number, .expired_ok = true});
    REQUIRE(value);
    return *std::move(value);
  }

  WatchedProvider watched;
  Vault vault;
  Rotator rotator;
};

/// Runs `body` in a world of each kind of provider on each writable backend.
inline void in_each_world(const std::function<void(BrokenWorld&, Worker&)>& body) {
  for (const auto* backend : kWritable)
    for (const auto& model : kModels) {
      CAPTURE(std::string(backend));
      CAPTURE(model.name);
      BrokenWorld world(model, backend);
      Worker worker(world);
      body(world, worker);
    }
}

inline void check_done(const Result<RotationInfo>& result) { CHECK_MESSAGE(result, why(result)); }

inline void check_fails(const Result<RotationInfo>& result, Errc code) {
  REQUIRE_MESSAGE(!result, why(result));
  CHECK_MESSAGE(result.error().code() == code, why(result));
  CHECK(result.error().message().find('\n') == std::string::npos);
}

}  // namespace tokenvault::test
