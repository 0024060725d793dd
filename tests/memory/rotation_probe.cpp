// A process that rotates a token and stops where its memory is to be looked at. Secrets come on stdin, in
// frames of known size and straight into the arena; at each phase it says so on stdout and waits for a byte
// on stdin.
//   rotation_probe leak BACKING STORE KEY_FILE          its provider keeps a copy of each new token
//   rotation_probe whole|parts BACKING STORE KEY_FILE   in one call, or step by step and given up
//   rotation_probe PROGRAM BACKING STORE KEY_FILE       with a program as the provider

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "stops.hpp"
#include "tokenvault/exec_provider.hpp"
#include "tokenvault/rotation.hpp"

namespace {

using namespace tokenvault;
using namespace tokenvault::test;

constexpr std::size_t kToken = 64;
constexpr const char* kName = "acme/api";

/// Its tokens come on stdin and are in the arena alone. It stops with each of them in its hands.
class PipedProvider final : public Provider {
 public:
  explicit PipedProvider(bool leaks) : leaks_(leaks) {}

  Result<ProviderCapabilities> describe() override {
    return ProviderCapabilities{.issue = Issue::once, .old = OldToken::kept, .revoke = true, .steps = {}};
  }
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
    auto made = frame(kToken);
    if (leaks_) leaked_.assign(reinterpret_cast<const char*>(made.expose().data()), made.size());
    phase("issuing");
    const auto kept = keep(std::move(made));
    if (!kept) return kept.error();
    phase("sealed");
    return IssueAnswer{Reply::done, "id-1", "acme", "made one for " + request.name, {}, {}};
  }
  Result<ProbeAnswer> probe(const ProviderRequest& request) override {
    return ProbeAnswer{state, request.id, "acme", "asked about one of " + request.name, {}};
  }
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override {
    phase("revoking");
    return RevokeAnswer{Reply::done, "ended one of " + request.name, {}};
  }

  TokenState state = TokenState::valid;

 private:
  bool leaks_;
  std::string leaked_;
};

Vault vault_with_token(const std::string& place, const std::string& key_file) {
  auto vault = must(Vault::create(must(open_store(place, {.create = true})), must(key_from_file(key_file))));
  must(vault.put("acme/admin", frame(kToken)));
  must(vault.put(kName, frame(kToken)));
  Policy policy;
  policy.provider = "human";
  policy.secrets = {{"admin", "acme/admin"}};
  must(vault.set_policy(kName, policy));
  return vault;
}

Rotator rotator(Vault& vault, Provider& provider) {
  RotatorOptions options;
  options.progress = [](const std::string& line) {
    if (line.empty()) std::_Exit(4);
  };
  return Rotator(vault, kName, provider, std::move(options));
}

void rotate_whole(Vault& vault, Provider& provider) {
  auto engine = rotator(vault, provider);
  must(engine.rotate());
  must(engine.retire(true));
}

/// One that is rejected and given up, then one that a person brings.
void rotate_in_parts(Vault& vault, PipedProvider& provider) {
  auto engine = rotator(vault, provider);
  must(engine.start());
  must(engine.issue());
  provider.state = TokenState::invalid;
  if (engine.verify()) std::_Exit(4);
  must(engine.abort(true));
  provider.state = TokenState::valid;
  must(engine.start());
  must(engine.issue());
  must(engine.verify());
  must(engine.promote());
  must(engine.resume());
}

void use_token(Vault& vault) {
  phase("rotated");
  {
    const auto value = must(vault.get(kName));
    phase("exposed");
  }
  phase("dead");
  must(vault.verify());
}

Backing backing_of(std::string_view name) {
  if (name == "memfd_secret") return Backing::memfd_secret;
  return name == "locked" ? Backing::locked : Backing::plain;
}

void live(const std::string& mode, Vault& vault) {
  if (mode.starts_with('/')) {
    const auto program = must(open_exec_provider(mode));
    rotate_whole(vault, *program);
    return use_token(vault);
  }
  PipedProvider provider(mode == "leak");
  if (mode == "parts") {
    rotate_in_parts(vault, provider);
  } else {
    rotate_whole(vault, provider);
  }
  use_token(vault);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 64;
  must(set_memory_policy(MemoryPolicy::prefer, backing_of(argv[2])));
  auto vault = vault_with_token(argv[3], argv[4]);
  phase("put");
  live(argv[1], vault);
  phase("closing");
  return 0;
}
