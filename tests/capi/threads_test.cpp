// Handles shared by threads: each call finds the thing whole or not at all, whoever frees it meanwhile.
#include <doctest/doctest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "support/temp_dir.hpp"
#include "tokenvault.h"

namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 400;

tv_vault* vault_at(const char* uri) {
  static const char key[32] = "the threads' key";
  tv_open_options options = TV_OPEN_OPTIONS_INIT;
  options.uri = uri;
  options.key = key;
  options.key_size = sizeof(key);
  tv_vault* vault = nullptr;
  REQUIRE(tv_create(&options, &vault, nullptr) == TV_OK);
  REQUIRE(tv_put(vault, "a", 1, "value", 5, nullptr, nullptr, nullptr) == TV_OK);
  return vault;
}

tv_vault* memory_vault() { return vault_at("memory:"); }

/// A thread that somebody wants to end before it calls the library.
template <typename F>
bool ends_after(F&& call) {
  bool returned = false;
  std::thread thread([&] {
    REQUIRE(::pthread_cancel(::pthread_self()) == 0);
    call();
    returned = true;
    ::pthread_testcancel();
    returned = false;
  });
  thread.join();
  return returned;
}

std::int32_t wait_to_be_cancelled(void*, const void*, std::size_t, std::uint32_t) {
  ::pthread_testcancel();
  return TV_VERDICT_REJECTED;
}

template <typename F>
void in_threads(F&& work) {
  std::vector<std::thread> threads;
  for (int number = 0; number < kThreads; ++number) threads.emplace_back([&work, number] { work(number); });
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("one vault handle, and secrets of each thread's own") {
  tv_vault* vault = memory_vault();
  std::atomic<int> wrong = 0;
  in_threads([&](int) {
    for (int round = 0; round < kRounds; ++round) {
      std::array<tv_secret*, 5> secrets{};
      for (auto& secret : secrets) wrong += tv_get(vault, "a", 1, nullptr, &secret, nullptr) != TV_OK;
      for (auto& secret : secrets) {
        wrong += tv_secret_size(secret) != 5 || std::memcmp(tv_secret_data(secret), "value", 5) != 0;
        tv_secret_free(secret);
      }
    }
  });
  CHECK(wrong == 0);
  tv_vault_free(vault);
}

TEST_CASE("a vault that is closed while others call it") {
  std::atomic<int> wrong = 0, served = 0, refused = 0;
  for (int round = 0; round < kRounds / 4; ++round) {
    tv_vault* vault = memory_vault();
    in_threads([&](int number) {
      if (number == 0) return tv_vault_free(vault);
      for (int call = 0; call < 8; ++call) {
        char value[8];
        std::size_t size = 0;
        const auto status = tv_read(vault, "a", 1, nullptr, value, sizeof(value), &size, nullptr, nullptr);
        if (status == TV_OK) {
          ++served;
          wrong += size != 5 || std::memcmp(value, "value", 5) != 0;
        } else {
          ++refused;
          wrong += status != TV_E_INVALID_ARGUMENT;
        }
      }
    });
  }
  CHECK(wrong == 0);
  CHECK(served + refused == kRounds / 4 * (kThreads - 1) * 8);
}

TEST_CASE("a handle freed by all threads at once is freed once") {
  for (int round = 0; round < kRounds / 4; ++round) {
    tv_vault* vault = memory_vault();
    in_threads([&](int) { tv_vault_free(vault); });
    tv_vault* next = memory_vault();
    tv_vault* after = memory_vault();
    CHECK(next != vault);
    CHECK(after != next);
    tv_vault_free(next);
    tv_vault_free(after);
  }
}

TEST_CASE("a lease that waits outlives its handle") {
  tv_vault* vault = memory_vault();
  tv_lease* lease = nullptr;
  REQUIRE(tv_lease_open(vault, "a", 1, &lease, nullptr) == TV_OK);
  std::atomic<tv_status> status = -1;
  std::uint32_t current = 0;
  std::thread waiter([&] {
    std::uint32_t seen = 0;
    status = tv_lease_wait(lease, 1, 60'000, &seen, nullptr);
    current = seen;
  });
  REQUIRE(tv_put(vault, "a", 1, "other", 5, nullptr, nullptr, nullptr) == TV_OK);
  tv_vault_free(vault);
  waiter.join();
  tv_lease_free(lease);
  CHECK(status == TV_OK);
  CHECK(current == 2);
}

TEST_CASE("a thread that is cancelled leaves the library first") {
  const tokenvault::test::TempDir dir;
  tv_vault* vault = vault_at((dir / "vault.db").c_str());
  tv_status status = -1;
  tv_secret* secret = nullptr;
  CHECK(ends_after([&] { status = tv_put(vault, "a", 1, "other", 5, nullptr, nullptr, nullptr); }));
  CHECK(status == TV_OK);
  CHECK(ends_after([&] { status = tv_get(vault, "a", 1, nullptr, &secret, nullptr); }));
  CHECK(status == TV_OK);
  CHECK(ends_after([&] { tv_secret_free(secret); }));
  CHECK(tv_secret_size(secret) == 0);
  std::int32_t verdict = -1;
  CHECK(ends_after(
      [&] { status = tv_with_token(vault, "a", 1, wait_to_be_cancelled, nullptr, &verdict, nullptr); }));
  CHECK(status == TV_OK);
  CHECK(verdict == TV_VERDICT_REJECTED);
  CHECK(tv_put(vault, "a", 1, "third", 5, nullptr, nullptr, nullptr) == TV_OK);
  CHECK(ends_after([&] { tv_vault_free(vault); }));
}
