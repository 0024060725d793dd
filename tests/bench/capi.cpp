// A value fetched through the C functions, against the same call in C++.
#include "tokenvault.h"

#include <sodium.h>

#include <cstdlib>

#include "bench/filled.hpp"
#include "bench/ratio.hpp"

namespace tokenvault::bench {
namespace {

constexpr int kTokens = 1'000;
constexpr int kGets = 100'000;

void check(bool holds) {
  if (!holds) std::abort();
}

tv_vault* open_in_c(const std::string& path) {
  const std::string key(32, 'k');
  tv_open_options options = TV_OPEN_OPTIONS_INIT;
  options.uri = path.c_str();
  options.key = key.data();
  options.key_size = key.size();
  tv_vault* vault = nullptr;
  check(tv_open(&options, &vault, nullptr) == TV_OK);
  return vault;
}

void run() {
  const test::TempDir folder;
  const auto path = folder / "v.db";
  const auto vault = Vault::open(fill(sqlite_store(path), kTokens), key()).value();
  const auto names = shuffled_names(kTokens);
  tv_vault* handle = open_in_c(path);

  std::size_t i = 0, j = 0, k = 0;
  const auto next = [&](std::size_t& at) -> const std::string& {
    return names[at = (at + 1) % names.size()];
  };
  const auto in_cpp = [&] {
    for (int n = 0; n < kGets; ++n) check(vault.get(next(i)).has_value());
  };
  compare(
      "tv_get and tv_secret_free, against Vault::get", 1.1, 15, kGets,
      [&] {
        for (int n = 0; n < kGets; ++n) {
          const auto& name = next(j);
          tv_secret* secret = nullptr;
          check(tv_get(handle, name.data(), name.size(), nullptr, &secret, nullptr) == TV_OK);
          tv_secret_free(secret);
        }
      },
      in_cpp);
  compare(
      "tv_read, against Vault::get", 1.1, 15, kGets,
      [&] {
        char buffer[128];
        for (int n = 0; n < kGets; ++n) {
          const auto& name = next(k);
          std::size_t size = 0;
          check(tv_read(handle, name.data(), name.size(), nullptr, buffer, sizeof(buffer), &size, nullptr,
                        nullptr) == TV_OK);
        }
      },
      in_cpp);
  tv_vault_free(handle);
}

}  // namespace
}  // namespace tokenvault::bench

int main() {
  if (::sodium_init() < 0) return 1;
  tokenvault::bench::run();
}
