#pragma once
#include <functional>
#include <memory>

#include "tokenvault/provider.hpp"

namespace tokenvault {
namespace rotation {
class FakeTable;
}

/// What goes wrong in one call to a FakeProvider.
enum class FakeFault : std::uint8_t {
  none,
  refuse,        ///< it says no, and does nothing
  lose_request,  ///< it never hears of it: doubt, or unknown
  lose_answer,   ///< it does what was asked, and nobody hears of it
};

/// How a FakeProvider behaves.
struct FakeBehaviour {
  ProviderCapabilities capabilities;  ///< declared, and kept to
  std::string owner = "acme";
  std::string prefix = "fake-";  ///< of each token's value; at most 32 bytes
  int probes_until_seen = 0;     ///< a new token is taken for invalid that many times
  bool same_value = false;       ///< issue() gives the current token again
  bool wrong_owner = false;      ///< a new token belongs to another organisation
  bool reuse_kills = false;      ///< issue() with a token that has ended ends all of them
  /// Asked before each call, with its number from 1 and its verb: what goes wrong in it. May be empty.
  std::function<FakeFault(std::uint64_t call, std::string_view verb)> fault;
};

/// A provider in memory, for tests of whatever rotates tokens: it behaves as told. What it knows is shared with
/// processes forked later, as a real one's would be. Thread-safe but for `behaviour`. Not for secrets: its
/// tokens lie in plain memory.
class TOKENVAULT_API FakeProvider final : public Provider {
 public:
  /// `clock` tells when old tokens end, and must outlive it. Ends the program where it gets no memory.
  explicit FakeProvider(FakeBehaviour behaviour, const Clock& clock = system_clock());
  ~FakeProvider() override;

  Result<ProviderCapabilities> describe() override;
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override;
  Result<ProbeAnswer> probe(const ProviderRequest& request) override;
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override;
  Result<FindAnswer> find(const ProviderRequest& request) override;

  /// A token made by a person: what a vault begins with. Errors: out_of_memory.
  Result<SecretBuffer> make_token();
  /// Whether it takes the token now.
  [[nodiscard]] bool accepts(const SecretBuffer& token) const;
  /// How many tokens issue() has made, and how many of all it takes now.
  [[nodiscard]] std::uint64_t made() const;
  [[nodiscard]] std::uint64_t live() const;
  /// Calls so far.
  [[nodiscard]] std::uint64_t calls() const;

  FakeBehaviour& behaviour() noexcept { return behaviour_; }

 private:
  FakeFault begin_call(std::string_view verb);
  [[nodiscard]] std::string owner_of(bool foreign) const;
  FakeBehaviour behaviour_;
  const Clock* clock_;
  std::unique_ptr<rotation::FakeTable> table_;
};

}  // namespace tokenvault
