#pragma once
#include <vector>

#include "rotation/calls.hpp"
#include "rotation/entry_rotation.hpp"
#include "tokenvault/rotation.hpp"

namespace tokenvault::rotation {

/// How far somebody wants a rotation taken.
enum class Goal : std::uint8_t { begun, received, verified, promoted, settled };

/// Performs what the machine asks for, and commits what comes of it, until the goal is reached or nothing can
/// be done now.
class Pursuit {
 public:
  Pursuit(Vault& vault, std::string name, Provider& provider, RotatorOptions options);
  Pursuit(const Pursuit&) = delete;
  Pursuit& operator=(const Pursuit&) = delete;

  Result<RotationInfo> rotate();
  Result<RotationInfo> go_to(Act first, Goal goal);
  Result<RotationInfo> promote_verified();
  Result<RotationInfo> discard();
  Result<RotationInfo> retire(bool theirs);
  Result<RotationInfo> verify();
  Result<RotationInfo> stage(const SecretBuffer& value);
  Result<RotationInfo> accept();
  Result<RotationInfo> abort(bool force);
  Result<RotationInfo> waive(std::uint32_t version, std::string id);
  Result<RotationInfo> status() const;

 private:
  Status describe();
  Status ready();
  Status ready_without_provider();
  Status look();
  [[nodiscard]] std::optional<Act> following(Effect effect, Goal goal) const;
  Result<Outcome> commit(const Happening& happening, Goal goal);
  Result<RotationInfo> go_on(Outcome outcome, Goal goal);
  Result<RotationInfo> stop(const Outcome& outcome, Goal goal);

  Result<Outcome> issue(Goal goal);
  Result<std::optional<Happening>> look_first();
  Result<bool> keep(const SecretBuffer& value, const format::Id16& rotation);
  Result<bool> is_the_new_one(const SecretBuffer& value);
  Result<Outcome> probe(bool both, Goal goal);
  Result<Outcome> probe_current(Goal goal);
  Result<Outcome> promote(Goal goal);
  Result<Outcome> sweep(Goal goal);
  Result<Outcome> revoke(Goal goal);

  Result<Opinions> ask(bool both);
  ProbeAnswer ask_again_while_unsettled(const SecretBuffer& fresh, const std::string& id);
  Result<std::string> id_to_end(const Obligation& owed);
  [[nodiscard]] Error lost_for_good(const Error& error) const;
  Result<std::string> objection(const std::string& old_owner = {});
  Result<RotationInfo> promoted_or_fault(const Outcome& outcome);
  [[nodiscard]] bool is_reached(const Outcome& outcome, Goal goal) const;
  [[nodiscard]] Happening about(Act act) const;
  [[nodiscard]] std::string made_id(std::uint32_t version) const;
  void say(std::string_view what) const;

  Vault* vault_;
  std::string name_;
  Provider* provider_;
  RotatorOptions options_;
  Circumstances around_;
  bool described_ = false;
  Calls calls_;
  format::Rotation seen_;  ///< as of the last commit or look
  Policy policy_;
  Event last_;                     ///< what the provider said last
  Facts facts_;                    ///< of the new token, not committed yet
  format::Id16 facts_of_{};        ///< the rotation that made it
  std::string old_owner_;          ///< whose the old token is, not committed yet
  std::vector<Obligation> tried_;  ///< by this call
  int issues_ = 0;                 ///< calls for a new token, by this call
  std::string current_id_;         ///< the provider's name for the token in use
  std::string revoke_fault_;
  std::optional<std::chrono::seconds> revoke_after_;
};

}  // namespace tokenvault::rotation
