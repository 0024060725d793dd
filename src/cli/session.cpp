#include "session.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "descriptor.hpp"
#include "output.hpp"
#include "try.hpp"
#include "unlock.hpp"

namespace tokenvault::cli {

Result<bool> holds_vault(Store& store) {
  TV_TRY(const auto before, store.revision());
  if (before != Revision::absent) return true;
  TV_TRY(const auto left, store.list(std::nullopt, 1));
  // Root and records come in one commit: whoever saw none and then the other looked across one.
  TV_TRY(const auto after, store.revision());
  if (after != Revision::absent) return true;
  if (!left.empty())
    return Error(Errc::tampered, "the vault has lost its root, and its records are still there");
  return false;
}

Session::Session(const Request& asked, const Inherited& before)
    : request(asked), inherited(before), settings(settings_of(asked)) {}

Status Session::need_uri() const {
  if (settings.vault_uri.empty() && settings.default_vault)
    return Error(Errc::invalid_argument, "HOME is not set: name the vault with --vault URI");
  return Ok{};
}

Result<std::unique_ptr<Store>> Session::store() const {
  TV_CHECK(need_uri());
  TV_TRY(auto store, open_store(settings.vault_uri));
  TV_TRY(const bool found, holds_vault(*store));
  if (found) return store;
  // A file without a root was emptied, or its first run was cut short, which `init` carries on.
  if (is_there(path_of(settings.vault_uri)))
    return Error(Errc::tampered,
                 settings.vault_uri + " is empty: its making was cut short, or somebody emptied it");
  return Error(Errc::no_vault, "there is no vault in " + settings.vault_uri);
}

Result<Vault> Session::vault(std::unique_ptr<Store> store) const {
  TV_TRY(const auto key, read_key(choose_unlock(request.unlock, settings), settings, {}, false));
  return Vault::open(std::move(store), key, options());
}

Result<Vault> Session::vault() const {
  TV_TRY(auto found, store());
  return vault(std::move(found));
}

VaultOptions Session::options() const {
  VaultOptions options;
  options.anchors = settings.anchors;
  if (settings.anchors.empty()) {
    notice(
        "HOME is not set, so that nobody remembers how new the vault was: an older copy would not be "
        "noticed");
    return options;
  }
  const Descriptor file(::open(settings.anchors.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file || errno == ENOENT) return options;
  notice(fmt::format("{} cannot be used: an older copy of the vault would not be noticed", settings.anchors));
  options.anchors.clear();
  return options;
}

void Session::notice(std::string_view text) const {
  if (request.quiet) return;
  (void)write_all(STDERR_FILENO, fmt::format("tokenvault: {}\n", printable(text))).has_value();
}

void Session::warn_of_anchor(const Vault& vault) const {
  const auto info = vault.info();
  if (info && !info->anchor_fault.empty())
    notice(info->anchor_fault + ": an older copy of the vault would not be noticed");
}

}  // namespace tokenvault::cli
