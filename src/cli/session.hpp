#pragma once
#include <memory>
#include <string_view>

#include "keyring/kept_key.hpp"
#include "process.hpp"
#include "request.hpp"
#include "settings.hpp"
#include "tokenvault/environment.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::cli {

/// Whether there is a vault in `store`. Errors: tampered where its root is gone and records are left,
/// which a new vault in their place would bury.
Result<bool> holds_vault(Store& store);

/// What a vault's URI turned out to name: a store with a vault in it, or plain variables.
struct Place {
  std::unique_ptr<Store> store;  ///< null for plain variables
  std::vector<PlainMapping> variables;
};

/// One run of the command: what was asked, and the way to the vault.
class Session {
 public:
  Session(const Request& request, const Inherited& inherited);

  /// The place of a vault that is there. Reads no key, creates nothing. Errors: no_vault,
  /// invalid_argument (no place for a default), and those of open_store.
  Result<Place> place() const;
  Result<Place> place(const std::string& uri) const;
  /// The vault, opened with the chosen key source; plain variables need none.
  Result<Vault> vault() const;
  Result<Vault> vault(Place place) const;
  /// The key that the flags, the environment, the kernel or the defaults name for the vault in `store`. What the kernel keeps and opens nothing any more gives way, with a notice.
  Result<KeySource> key(Store& store) const;
  /// What the kernel keeps for that vault.
  [[nodiscard]] KeptLook kept_key(Store& store) const;
  /// With the anchors file, or without and a notice where its folder cannot be used.
  VaultOptions options() const;
  /// Invalid_argument where nothing says where the vault is.
  Status need_uri() const;

  /// Whether a person is there to be asked something that has a default.
  [[nodiscard]] bool attended() const noexcept;

  /// A line on stderr for people; --quiet leaves it out.
  void notice(std::string_view text) const;
  /// The same after a change, where the anchor could not be kept.
  void warn_of_anchor(const Vault& vault) const;

  const Request& request;
  const Inherited& inherited;
  const Settings settings;

 private:
  Result<Vault> plain_vault(const std::vector<PlainMapping>& variables) const;
};

}  // namespace tokenvault::cli
