#pragma once
#include <functional>
#include <span>

#include "rotation/happening.hpp"
#include "vault/access.hpp"

namespace tokenvault::rotation {

/// What a rotation goes by, beside its own state.
struct Circumstances {
  ProviderCapabilities provider;
  format::Id16 run{};  ///< of this Rotator
  const Clock* clock = nullptr;
  std::function<void(std::span<std::byte>)> random;
};

/// Whether the old token is looked at before a new one is asked for: afterwards it is dead, and cannot tell whose
/// it was; and one that is dead before must not be asked with.
[[nodiscard]] inline bool looks_first(const ProviderCapabilities& provider) {
  return provider.probe && provider.old == OldToken::dies;
}

/// A token's rotation inside its entry, while a draft of the next root is being made.
class EntryRotation {
 public:
  /// Errors: tampered, unsupported (the entry's fields).
  static Result<EntryRotation> of(Draft& draft, format::Entry& entry, const Circumstances& around);

  /// Lets it happen as far as the machine allows it. A token that comes when none is awaited is kept aside.
  Result<Outcome> apply(const Happening& happening);
  /// Writes the rotation into the entry; false when it is there already, just so.
  bool store();

  [[nodiscard]] State state() const;
  [[nodiscard]] Terms terms() const;
  [[nodiscard]] format::Rotation& rotation() noexcept { return rotation_; }
  [[nodiscard]] const Policy& policy() const noexcept { return policy_; }

 private:
  EntryRotation(Draft& draft, format::Entry& entry, const Circumstances& around)
      : draft_(&draft), entry_(&entry), around_(&around) {}

  [[nodiscard]] bool concerns(const Happening& happening) const;
  Status carry_out(Act act, const Happening& happening, const State& next);
  void wait_longer(const Happening& happening);
  void tell(const Happening& happening, const State& before, const Move& move);
  Outcome settle(Act act, const Move& move);

  [[nodiscard]] std::chrono::seconds call_length() const;
  Status begin();
  Status take_in(const Happening& happening);
  Status put_aside(const SecretBuffer& value);
  Status promote();
  Status leave_aside();
  void learn(const Happening& happening);
  void end_grace();
  void forget_ended();
  void forget_made();
  void drop(std::uint32_t version, const std::string& id);
  Status owe(std::uint32_t version, std::string id, bool ours);
  [[nodiscard]] Result<bool> is_in_use(const SecretBuffer& value);
  [[nodiscard]] std::chrono::seconds grace() const;

  Draft* draft_;
  format::Entry* entry_;
  const Circumstances* around_;
  format::Rotation rotation_;
  Policy policy_;
  Bytes before_;
  std::size_t versions_before_ = 0;
};

}  // namespace tokenvault::rotation
