// The words that programs show for values, and for values that are none.
#include <fstream>
#include <set>
#include <string>

#include "core/hex.hpp"
#include "support/vault_fixture.hpp"
#include "tokenvault/clock.hpp"
#include "tokenvault/rotation.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault::test {
namespace {

/// That `count` values from `first` on have words of their own, and what no value is has "unknown".
template <typename T>
void check_words(T first, int count) {
  std::set<std::string> words;
  const int from = static_cast<int>(first);
  for (int i = from; i < from + count; ++i) words.emplace(to_string(static_cast<T>(i)));
  CHECK(words.size() == static_cast<std::size_t>(count));
  CHECK(std::string(to_string(static_cast<T>(99))) == "unknown");
}

TEST_CASE("each value has a word of its own, and what is no value is unknown") {
  check_words(Backing::none, 4);
  check_words(Stage::pending, 4);
  check_words(Phase::idle, 10);
  check_words(DueReason::age, 4);
  check_words(TokenState::valid, 3);
  check_words(Errc::invalid_argument, 23);
}

TEST_CASE("the system's clock goes on while it sleeps, and knows since when the machine runs") {
  const auto& clock = system_clock();
  const auto before = clock.steady();
  clock.sleep(std::chrono::nanoseconds(1));
  CHECK(clock.steady() > before);
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string boot;
  REQUIRE(std::getline(file, boot).good());
  std::erase(boot, '-');
  const auto first = clock.uptime();
  CHECK(to_hex(first.boot) == boot);
  CHECK(first.since.count() > 0);
  CHECK(clock.uptime().since >= first.since);
}

TEST_CASE("an open vault can take another one's place") {
  VaultFixture one, other;
  auto vault = one.create();
  put(vault, "a", "one");
  vault = other.create();
  CHECK(code_of(vault.get("a")) == Errc::not_found);
  CHECK(text_of(one.open().get("a")) == "one");
}

}  // namespace
}  // namespace tokenvault::test
