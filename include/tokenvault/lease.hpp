#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "tokenvault/vault.hpp"

namespace tokenvault {

/// A hold on one token that follows its rotation: every read gives the version that is current then,
/// whichever process made it so. It keeps the open vault alive; copies share it. Thread-safe.
class TOKENVAULT_API Lease {
 public:
  /// The current value. Warm it costs one look at the store's revision, one hash look-up and one
  /// decryption, and allocates nothing but the value. Errors: as Vault::get.
  [[nodiscard]] Result<SecretBuffer> get() const;
  /// The same with its version. Errors: as Vault::get.
  [[nodiscard]] Result<Token> token() const;
  /// As Vault::with_token.
  Result<Verdict> use(const UseToken& use) const;
  /// Blocks until the current version is another than `version`, or until `timeout` has passed, and returns
  /// its number. As quick as the backend tells of changes (backends/README.md). Errors: as Vault::get.
  [[nodiscard]] Result<std::uint32_t> wait(std::uint32_t version, std::chrono::nanoseconds timeout) const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  friend class Vault;
  Lease(std::shared_ptr<Vault::Impl> vault, std::string name) noexcept;
  std::shared_ptr<Vault::Impl> vault_;
  std::string name_;
};

}  // namespace tokenvault
