#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tokenvault/provider.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault {

struct RotatorOptions {
  /// Fills bytes with random ones: the rotation's id, the jitter. By default libsodium's.
  std::function<void(std::span<std::byte>)> random;
  /// Told of every step before it is taken, in one line without a value; may be empty.
  std::function<void(const std::string& line)> progress;
};

/// Takes one token from old to new, and takes up what another process left. It keeps nothing itself: all is
/// in the token's entry, so that any process can go on. Every call reads the entry afresh.
///
/// A call that gives a RotationInfo has done what it says. Errors of all of them, beside those of the vault:
/// needs_human (the note says what a person has to do), unavailable (another process is asking the
/// provider), unreachable (the provider did not answer, or not clearly: nothing was changed by that, and the
/// next try goes on from here), not_found. `vault` and `provider` must outlive it. One thread at a time.
/// docs/rotation.md has the states; the table of what a crash leaves is there too.
class TOKENVAULT_API Rotator {
 public:
  Rotator(Vault& vault, std::string name, Provider& provider, RotatorOptions options = {});
  Rotator(Rotator&&) noexcept;
  Rotator& operator=(Rotator&&) noexcept;
  ~Rotator();

  /// All of it: begins a rotation where none is open, else goes on with that one, as far as it gets. Done when
  /// the new token is current; what has to wait for the old one's end is left to resume().
  Result<RotationInfo> rotate();
  /// Goes on with what is open or owed, and begins nothing. Nothing to do is no error. May be repeated.
  Result<RotationInfo> resume();

  // Step by step.
  /// Begins one: durable before anybody is asked. Where one is open already, that one.
  Result<RotationInfo> start();
  /// Asks the provider for the new token, or settles what an earlier asking left open. Ends with it sealed.
  Result<RotationInfo> issue();
  /// A person brings the new token: it is sealed before it is looked at. Begins a rotation where none is open.
  /// Errors: conflict (the open one has its new token already).
  Result<RotationInfo> stage(SecretBuffer value);
  /// Has the provider say whether the new token is good. Errors: rejected.
  Result<RotationInfo> verify();
  /// Makes it the current one, once it is known to be good. `unverified`: on the word of a person, which
  /// is noted. Errors: refused (the same value again, not printable, another owner's), conflict.
  Result<RotationInfo> promote(bool unverified = false);
  /// Ends the old token now, whatever is left of its grace. `theirs`: also tokens that no rotation made.
  Result<RotationInfo> retire(bool theirs = false);

  /// Gives it up: the current token stays, a received one is kept as a retired version and owed. Refused
  /// unless `force` where the provider says that only the new one is good (error: needs_human).
  Result<RotationInfo> abort(bool force = false);
  /// The person has looked at the provider's: it made no token that is not here. Goes back to the beginning.
  /// Errors: conflict (nothing is uncertain).
  Result<RotationInfo> discard();
  /// Takes an obligation away: by version, or version 0 with the rotation's id. Errors: not_found.
  Result<RotationInfo> waive(std::uint32_t version, std::string_view rotation = {});

  /// Where it stands. Changes nothing, asks nobody.
  [[nodiscard]] Result<RotationInfo> status() const;

 private:
  class TOKENVAULT_LOCAL Impl;
  std::unique_ptr<Impl> impl_;
};

/// Asks the provider about one version; changes nothing. Errors: those of Vault::get and the provider's.
TOKENVAULT_API Result<ProbeAnswer> probe_token(Vault& vault, std::string_view name, Provider& provider,
                                               const Pick& pick = {});

/// The rotations that are open or owe something, by name. Reads no more of the vault than asks for attention.
TOKENVAULT_API Result<std::vector<RotationInfo>> rotations(Vault& vault);

/// Why a token is due.
enum class DueReason : std::uint8_t {
  age,       ///< it is older than its policy allows
  step,      ///< its rotation is open, and the next try may be made
  owed,      ///< an old token of it is to be revoked
  far_late,  ///< it is due by so much that the clock is the likelier fault: left alone unless asked for
};

/// "age", "step", "owed", "far_late". Static storage.
[[nodiscard]] TOKENVAULT_API std::string_view to_string(DueReason reason) noexcept;

struct DueToken {
  std::string name;
  DueReason reason = DueReason::age;
  Time since{};
};

/// The tokens with a policy that are due now, earliest first. What waits for a person is not among them.
TOKENVAULT_API Result<std::vector<DueToken>> due(Vault& vault);

}  // namespace tokenvault
