#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "settings.hpp"
#include "tokenvault/vault.hpp"
#include "unlock.hpp"

namespace tokenvault::cli {

/// One thing that `doctor` looked at. No secret; no token's name unless asked for.
struct Finding {
  enum class Level { good, notice, problem };
  Level level = Level::good;
  std::string subject;
  std::string what;
  std::string advice;  ///< what to do; empty where nothing is
};

/// "ok", "notice" or "problem".
[[nodiscard]] std::string_view to_string(Finding::Level level) noexcept;

/// Collects them, a subject at a time.
class Findings {
 public:
  explicit Findings(const std::string& uri);

  void of_key_source(const UnlockSource& source, const Settings& settings);
  /// What `unlock` keeps in the kernel, where it keeps something.
  void of_kept_key(const KeptLook& kept);
  /// How a vault in etcd is reached; nothing of any other.
  void of_etcd(const Settings& settings);
  void of_anchors(const Settings& settings);
  void of_memory(const Protection& state);
  void of_vault(const VaultInfo& vault);
  void of_slots(const VaultInfo& vault);
  void of_tokens(const std::vector<TokenInfo>& tokens, Time now, bool names);
  /// Names rotations only where `names`.
  void of_rotations(const std::vector<RotationInfo>& rotations, bool names);
  void of_contents(const VerifyReport& report);
  void of_failure(const Error& error);

  [[nodiscard]] const std::vector<Finding>& all() const noexcept { return findings_; }
  [[nodiscard]] std::string page() const;

 private:
  void good(std::string subject, std::string what);
  void notice(std::string subject, std::string what, std::string advice);
  void problem(std::string subject, std::string what, std::string advice);

  std::vector<Finding> findings_;
};

}  // namespace tokenvault::cli
