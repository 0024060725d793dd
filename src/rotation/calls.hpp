#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "format/rotation.hpp"
#include "rotation/happening.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::rotation {

/// What a provider says of a rotation's two tokens.
struct Opinions {
  Opinion old = Opinion::none;
  Opinion fresh = Opinion::none;
  Facts facts;            ///< of the new one
  std::string old_owner;  ///< whose the old one is
  std::string message;
};

/// Calls to one provider on behalf of one token: fetches what each call needs from the vault, and lets no text
/// out of an answer that holds a token.
class Calls {
 public:
  Calls(Vault& vault, const std::string& name, Provider& provider)
      : vault_(&vault), name_(&name), provider_(&provider) {}

  /// The further tokens that a call needs. Errors: those of Vault::get.
  Status gather(const Policy& policy);

  Result<IssueAnswer> issue(const format::Rotation& rotation, std::chrono::seconds overlap,
                            const KeepToken& keep);
  /// Of one version.
  ProbeAnswer probe(const std::string& rotation, const SecretBuffer& token, const std::string& id);
  /// Ends what is owed: one version, or all that a rotation made unseen. Done too where nothing was left.
  /// `current_id`: the provider's name for the token in use, empty where it is not known; nothing where that
  /// token cannot be among those found.
  Result<RevokeAnswer> revoke(const Obligation& owed, const SecretBuffer& current,
                              const std::optional<std::string>& current_id);

  /// A version's value, expired or not.
  Result<SecretBuffer> value(std::uint32_t version);

 private:
  ProviderRequest request(std::string rotation) const;
  Result<RevokeAnswer> revoke_unseen(const Obligation& owed, const SecretBuffer& current,
                                     const std::optional<std::string>& current_id);
  /// One line of an answer, or nothing where it holds a token that this object has had to do with.
  std::string clean(std::string_view text) const;
  /// The same of a message, where any token of our form is cut to what may be shown.
  std::string words(std::string_view text) const;
  void remember(const SecretBuffer& token);

  Vault* vault_;
  const std::string* name_;
  Provider* provider_;
  Policy policy_;
  std::map<std::string, SecretBuffer> secrets_;
  std::vector<SecretBuffer> tokens_;
};

[[nodiscard]] inline Opinion opinion_of(TokenState state) noexcept {
  switch (state) {
    case TokenState::valid: return Opinion::valid;
    case TokenState::invalid: return Opinion::invalid;
    case TokenState::unknown: return Opinion::unknown;
  }
  return Opinion::unknown;
}

}  // namespace tokenvault::rotation
