#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "tokenvault/check_provider.hpp"

namespace tokenvault::rotation {

/// One provider while it is checked.
class Checkup {
 public:
  Checkup(Provider& provider, ProviderCheck check, ProviderCapabilities declared)
      : provider_(&provider), check_(std::move(check)), declared_(std::move(declared)) {}

  /// All of it, with the faults of what was found.
  ProviderReport run();
  /// A fault found before.
  void wrong(std::string_view what);

 private:
  /// A token, and what the provider said of it.
  struct Known {
    SecretBuffer value;
    std::string id, owner;
  };

  /// What one issue() handed over; outlives the call, since a provider may keep the function that fills it.
  using Handed = std::shared_ptr<std::vector<SecretBuffer>>;

  bool check_current();
  void check_made_up();
  bool check_issue();
  void check_new();
  void check_old();
  void check_replay();
  void check_find();
  void check_revoke();
  void check_revoked();
  void check_late();

  ProviderRequest request(const Known* about);
  /// The tokens that it handed over, and how it says that it went.
  std::pair<std::vector<SecretBuffer>, Reply> issue();
  std::optional<ProbeAnswer> probe(const Known& about);
  Reply revoke(const Known& about, bool by_id);
  std::optional<std::vector<std::string>> find(const std::string& rotation);
  /// Asks until `wanted` is said, or what has to be seen should have been seen long ago.
  bool becomes(Known& about, TokenState wanted);
  void learn(Known& about, const ProbeAnswer& answer);
  void read(std::string_view verb, std::string_view text);
  void fail(std::string_view verb, const Error& error);
  [[nodiscard]] bool holds_token(std::string_view text) const;
  [[nodiscard]] SecretBuffer best();

  Provider* provider_;
  ProviderCheck check_;
  ProviderCapabilities declared_;
  ProviderReport report_;
  std::string rotation_;
  Known old_, fresh_;
  std::vector<Handed> handed_;
};

}  // namespace tokenvault::rotation
