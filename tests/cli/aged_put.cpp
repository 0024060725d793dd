// Stores what stdin gives as a token that is SECONDS old: aged_put URI KEY_FILE NAME SECONDS
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "support/fake_clock.hpp"
#include "tokenvault/backends.hpp"
#include "tokenvault/key_source.hpp"
#include "tokenvault/vault.hpp"

namespace {

using namespace tokenvault;

Result<std::uint32_t> put(char** arguments) {
  const test::FakeClock clock(system_clock().now().time_since_epoch().count() - std::atoll(arguments[4]));
  auto value = SecretBuffer::read_from(STDIN_FILENO);
  if (!value) return value.error();
  auto store = open_store(arguments[1]);
  if (!store) return store.error();
  auto key = key_from_file(arguments[2]);
  if (!key) return key.error();
  VaultOptions options;
  options.clock = &clock;
  auto vault = Vault::open(*std::move(store), *key, options);
  if (!vault) return vault.error();
  return vault->put(arguments[3], *value);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const auto done = put(argv);
  if (!done) std::fprintf(stderr, "%s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
