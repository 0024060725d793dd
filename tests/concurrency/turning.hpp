#pragma once
#include <string>

#include "concurrency/vault_tasks.hpp"
#include "tokenvault/rotation.hpp"

namespace tokenvault::test {

/// Makes the token that it was told to, and takes every token for good: what is looked at is the vault, and not the
/// provider. Asked again under the same rotation it may be another process's, with another token.
class ToldProvider final : public Provider {
 public:
  explicit ToldProvider(std::string value) : value_(std::move(value)) {}

  Result<ProviderCapabilities> describe() override {
    ProviderCapabilities declared;
    declared.issue = Issue::replay_safe;
    declared.old = OldToken::dies;
    return declared;
  }
  Result<IssueAnswer> issue(const ProviderRequest&, const KeepToken& keep) override {
    asked_ = true;
    if (auto kept = keep(bytes(value_)); !kept) return std::move(kept).error();
    IssueAnswer answer;
    answer.reply = Reply::done;
    return answer;
  }
  Result<ProbeAnswer> probe(const ProviderRequest&) override {
    ProbeAnswer answer;
    answer.state = TokenState::valid;
    return answer;
  }

  /// Before, its token can be nowhere.
  [[nodiscard]] bool asked() const { return asked_; }

 private:
  std::string value_;
  bool asked_ = false;
};

/// A rotation as one operation: the token has our value at its end, or what an open rotation had got from another.
inline bool turn(Vault& vault, const std::string& name, const std::string& value) {
  Diary::call(fmt::format("{} rotate {}", name, value));
  ToldProvider provider(value);
  const auto went = Rotator(vault, name, provider).rotate();
  const auto made = went ? vault.get(name, {.number = went->new_version}) : went.error();
  const auto told = made ? std::string(as_text(made->expose())) : "";
  if (made && went->phase == Phase::done && (told == value || !provider.asked())) {
    Diary::done(fmt::format("{} {}", went->new_version, told));
    return true;
  }
  // Where the answer tells of somebody else's rotation that came right after ours, or the next one is open already,
  // what became of ours is not in it.
  const auto why = made ? Error(Errc::conflict, "another rotation came after it") : made.error();
  provider.asked() ? Diary::unknown(why) : Diary::failed(why);
  return made || why.code() == Errc::unavailable;
}

}  // namespace tokenvault::test
