// What the test of readers under rotation runs, many times at once:
//   traffic init URI TOKEN        makes the vault
//   traffic read URI PORT         uses the token until stdin ends; prints a line of counts
//   traffic rotate URI PORT OLD N rotates N times; OLD: expires or dies
#include <fmt/format.h>
#include <poll.h>

#include <chrono>
#include <cstdlib>

#include "core/bytes.hpp"
#include "support/loopback.hpp"
#include "tokenvault/lease.hpp"
#include "tokenvault/rotation.hpp"

namespace tokenvault::test {
namespace {

constexpr auto kName = "acme/api";

SecretBuffer bytes(std::string_view text) { return SecretBuffer::copy_of(as_bytes(text)).value(); }

Vault open_vault(const std::string& uri, bool create) {
  const auto key = KeySource::raw_key(bytes(std::string(32, 'k'))).value();
  auto store = open_store(uri, {.lock_timeout = std::chrono::seconds(30), .create = create}).value();
  return (create ? Vault::create(std::move(store), key) : Vault::open(std::move(store), key)).value();
}

/// The test's own server, as a provider.
class LoopbackProvider final : public Provider {
 public:
  LoopbackProvider(std::uint16_t port, OldToken old) : port_(port), old_(old) {}

  Result<ProviderCapabilities> describe() override {
    ProviderCapabilities declared;
    declared.issue = Issue::replay_safe;
    declared.old = old_;
    if (old_ == OldToken::expires) declared.overlap = std::chrono::seconds(1);
    return declared;
  }
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override {
    const auto got = ask_loopback(port_, "POST", "/rotate", as_text(request.token->expose()),
                                  "X-Rotation: " + request.rotation + "\r\nContent-Length: 0\r\n");
    IssueAnswer answer;
    if (got.status != 200) {
      if (got.status == 401) answer.reply = Reply::refused;
      return answer;
    }
    if (auto kept = keep(bytes(got.body)); !kept) return std::move(kept).error();
    answer.reply = Reply::done;
    return answer;
  }
  Result<ProbeAnswer> probe(const ProviderRequest& request) override {
    ProbeAnswer answer;
    const auto got = ask_loopback(port_, "GET", "/probe", as_text(request.token->expose()));
    if (got.status == 200) answer.state = TokenState::valid;
    if (got.status == 401) answer.state = TokenState::invalid;
    return answer;
  }

 private:
  std::uint16_t port_;
  OldToken old_;
};

bool goes_on() {
  pollfd in{STDIN_FILENO, POLLIN, 0};
  return ::poll(&in, 1, 0) == 0;
}

int read_on(const std::string& uri, std::uint16_t port) {
  auto vault = open_vault(uri, false);
  long uses = 0, retried = 0, rejected = 0, failed = 0;
  std::chrono::nanoseconds longest{0}, since{0};
  const auto now = [] { return std::chrono::steady_clock::now().time_since_epoch(); };
  while (goes_on()) {
    int tries = 0;
    const auto verdict = vault.with_token(kName, [&](const SecretBuffer& value, std::uint32_t) {
      ++tries;
      const auto status = ask_loopback(port, "GET", "/work", as_text(value.expose())).status;
      return status == 200 ? Verdict::ok : status == 401 ? Verdict::rejected : Verdict::failed;
    });
    ++uses;
    if (!verdict || *verdict == Verdict::failed) ++failed;
    if (tries == 2) ++retried;
    if (!verdict || *verdict != Verdict::rejected) {
      since = {};
      continue;
    }
    ++rejected;
    if (since.count() == 0) since = now();
    longest = std::max(longest, std::chrono::nanoseconds(now() - since));
  }
  fmt::print("{{\"uses\":{},\"retried\":{},\"rejected\":{},\"failed\":{},\"gap_ms\":{}}}\n", uses, retried,
             rejected, failed, std::chrono::duration_cast<std::chrono::milliseconds>(longest).count());
  return 0;
}

int rotate(const std::string& uri, std::uint16_t port, OldToken old, int count) {
  auto vault = open_vault(uri, false);
  LoopbackProvider provider(port, old);
  Rotator rotator(vault, kName, provider);
  // What a killed one left is finished first; a rotation in its grace is ended by the next.
  for (int i = 0; i < count; ++i) {
    const auto went = rotator.rotate();
    if (!went) {
      fmt::print(stderr, "{}\n", went.error().message());
      return 1;
    }
    const auto over = rotator.retire();
    if (!over) return 1;
    // The old one ends by itself, which is not waited for; how many of them are left is a matter of speed.
    for (const auto& owed : over->obligations)
      if (!rotator.waive(owed.version, owed.id)) return 1;
  }
  return 0;
}

}  // namespace
}  // namespace tokenvault::test

int main(int argc, char** argv) {
  using namespace tokenvault::test;
  const std::vector<std::string> words(argv, argv + argc);
  const auto port = [&] { return static_cast<std::uint16_t>(std::stoi(words.at(3))); };
  if (words.at(1) == "init") {
    auto vault = open_vault(words.at(2), true);
    return vault.put(kName, bytes(words.at(3))) ? 0 : 1;
  }
  if (words.at(1) == "read") return read_on(words.at(2), port());
  const auto old = words.at(4) == "dies" ? tokenvault::OldToken::dies : tokenvault::OldToken::expires;
  return rotate(words.at(2), port(), old, std::stoi(words.at(5)));
}
