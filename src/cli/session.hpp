#pragma once
#include <memory>
#include <string_view>

#include "process.hpp"
#include "request.hpp"
#include "settings.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::cli {

/// Whether there is a vault in `store`. Errors: tampered where its root is gone and records are left,
/// which a new vault in their place would bury.
Result<bool> holds_vault(Store& store);

/// One run of the command: what was asked, and the way to the vault.
class Session {
 public:
  Session(const Request& request, const Inherited& inherited);

  /// The store of a vault that is there. Reads no key, creates nothing. Errors: no_vault,
  /// invalid_argument (no place for a default), and those of open_store.
  Result<std::unique_ptr<Store>> store() const;
  /// The vault, opened with the chosen key source.
  Result<Vault> vault() const;
  Result<Vault> vault(std::unique_ptr<Store> store) const;
  /// With the anchors file, or without and a notice where its folder cannot be used.
  VaultOptions options() const;
  /// Invalid_argument where nothing says where the vault is.
  Status need_uri() const;

  /// A line on stderr for people; --quiet leaves it out.
  void notice(std::string_view text) const;
  /// The same after a change, where the anchor could not be kept.
  void warn_of_anchor(const Vault& vault) const;

  const Request& request;
  const Inherited& inherited;
  const Settings settings;
};

}  // namespace tokenvault::cli
