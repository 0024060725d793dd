// A process that stops where its memory is to be looked at. Secrets come on stdin, in frames of known
// size and straight into the arena; at each phase it says so on stdout and waits for a byte on stdin.
//   probe leak WHERE BACKING                   plants one token on purpose: heap, stack or stdio
//   probe secret BACKING                       one token: held, then freed
//   probe vault BACKING DATABASE KEY_FILE      a vault's life with a token, a passphrase, 1000 tokens
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "stops.hpp"
#include "tokenvault/vault.hpp"

namespace {

using namespace tokenvault;
using namespace tokenvault::test;

constexpr std::size_t kToken = 64;
constexpr std::size_t kPassphrase = 40;
constexpr int kTokens = 1000;

[[gnu::noinline]] void leak_on_stack(const SecretBuffer& token) {
  std::array<volatile unsigned char, kToken> copy;
  for (std::size_t i = 0; i < kToken; ++i) copy[i] = static_cast<unsigned char>(token.expose()[i]);
  phase("planted");
  if (copy[0] == 0) std::_Exit(4);
}

void leak_on_heap(const SecretBuffer& token) {
  const auto copy =
      std::make_unique<std::string>(reinterpret_cast<const char*>(token.expose().data()), kToken);
  phase("planted");
  if (copy->empty()) std::_Exit(4);
}

void leak_in_stdio(const SecretBuffer& token) {
  std::FILE* nowhere = std::fopen("/dev/null", "w");
  std::fwrite(token.expose().data(), 1, kToken, nowhere);
  std::fflush(nowhere);
  phase("planted");
  std::fclose(nowhere);
}

void leak(std::string_view where) {
  const auto token = frame(kToken);
  if (where == "heap") return leak_on_heap(token);
  if (where == "stack") return leak_on_stack(token);
  leak_in_stdio(token);
}

void hold_secret() {
  {
    const auto token = frame(kToken);
    const auto copy = must(SecretBuffer::copy_of(token.expose()));
    if (!equal_constant_time(token, copy)) std::_Exit(4);
    phase("held");
  }
  phase("freed");
  {
    const auto text = must(base64_encode(frame(kToken)));
    const auto back = must(base64_decode(text));
  }
  phase("encoded");
}

Vault open_vault(const std::string& path, const KeySource& key) {
  return must(Vault::open(must(open_sqlite_store(path)), key));
}

void use_token(Vault& vault) {
  must(vault.put("one", frame(kToken)));
  phase("put");
  {
    const auto value = must(vault.get("one"));
    phase("exposed");
  }
  phase("dead");
}

void fill(Vault& vault) {
  for (int i = 0; i < kTokens; ++i) must(vault.put(fmt::format("many/{}", i), frame(kToken)));
  for (int i = 0; i < kTokens; ++i) {
    const auto value = must(vault.get(fmt::format("many/{}", i)));
    if (value.size() != kToken) std::_Exit(4);
  }
  phase("cached");
}

void live(const std::string& path, const std::string& key_file) {
  {
    const auto vault =
        must(Vault::create(must(open_sqlite_store(path, {.create = true})), must(key_from_file(key_file))));
    phase("created");
  }
  {
    auto vault = open_vault(path, must(key_from_file(key_file)));
    phase("opened");
    use_token(vault);
    must(vault.add_key(must(KeySource::passphrase(frame(kPassphrase))), "person"));
    phase("passphrase_added");
  }
  phase("closed");
  auto vault = open_vault(path, must(KeySource::passphrase(frame(kPassphrase))));
  phase("reopened");
  fill(vault);
  must(vault.verify());
  phase("verified");
}

Backing backing_of(std::string_view name) {
  if (name == "memfd_secret") return Backing::memfd_secret;
  return name == "locked" ? Backing::locked : Backing::plain;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 2 ? argv[1] : "";
  const bool leaks = mode == "leak" && argc == 4;
  if (!leaks && !(mode == "secret" && argc == 3) && !(mode == "vault" && argc == 5)) return 64;
  must(set_memory_policy(MemoryPolicy::prefer, backing_of(argv[leaks ? 3 : 2])));
  if (leaks) {
    leak(argv[2]);
  } else if (mode == "secret") {
    hold_secret();
  } else {
    live(argv[3], argv[4]);
  }
  return 0;
}
