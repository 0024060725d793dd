// A lease on real time: what another machine does reaches it by the watch, within a second.
#include "tokenvault/lease.hpp"

#include <chrono>
#include <thread>

#include "support/etcd_place.hpp"
#include "support/vault_fixture.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

Vault made(Result<Vault> vault) {
  REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
  return *std::move(vault);
}

/// What the lease gives as soon as it is that, or after a minute whatever it is.
std::string follow(const Lease& lease, const std::string& wanted) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  auto seen = text_of(lease.get());
  while (seen != wanted && std::chrono::steady_clock::now() < end) seen = text_of(lease.get());
  return seen;
}

}  // namespace

TEST_CASE("a lease follows puts, a new master key, an erasure and what comes after it") {
  EtcdPlace place;
  auto writer = made(Vault::create(place.open(), raw_key(), {}));
  put(writer, "a", "1");
  const auto lease = made(Vault::open(place.open(), raw_key(), {})).lease("a");
  CHECK(follow(lease, "1") == "1");
  put(writer, "a", "2");
  CHECK(follow(lease, "2") == "2");
  REQUIRE(writer.rotate_master());
  put(writer, "a", "3");
  CHECK(follow(lease, "3") == "3");
  REQUIRE(writer.erase("a"));
  CHECK(follow(lease, "error: not_found") == "error: not_found");
  put(writer, "a", "4");
  CHECK(follow(lease, "4") == "4");
}

TEST_CASE("waiting ends with the next version of the token itself, or with the time") {
  EtcdPlace place;
  auto writer = made(Vault::create(place.open(), raw_key(), {}));
  put(writer, "a", "1");
  const auto reader = made(Vault::open(place.open(), raw_key(), {}));
  const auto lease = reader.lease("a");
  CHECK(*lease.wait(0, 10s) == 1);
  put(writer, "b", "1");
  const auto begun = std::chrono::steady_clock::now();
  CHECK(*lease.wait(1, 300ms) == 1);
  CHECK(std::chrono::steady_clock::now() - begun >= 300ms);
  std::thread other([&] { put(writer, "a", "2"); });
  CHECK(*lease.wait(1, 30s) == 2);
  other.join();
}
