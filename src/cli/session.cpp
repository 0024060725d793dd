#include "session.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "descriptor.hpp"
#include "opening.hpp"
#include "output.hpp"
#include "try.hpp"
#include "unlock.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::string_view kPlainScheme = "env-plain:";

}  // namespace

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

Result<Place> Session::place() const {
  TV_CHECK(need_uri());
  return place(settings.vault_uri);
}

Result<Place> Session::place(const std::string& uri) const {
  if (uri.starts_with(kPlainScheme)) {
    TV_TRY(auto variables, parse_plain_mapping(std::string_view(uri).substr(kPlainScheme.size())));
    return Place{nullptr, std::move(variables)};
  }
  TV_TRY(auto store, open_place(uri, *this));
  TV_TRY(const bool found, holds_vault(*store));
  if (found) return Place{std::move(store), {}};
  // A file without a root was emptied, or its first run was cut short, which `init` carries on.
  if (is_there(path_of(uri)))
    return Error(Errc::tampered, uri + " is empty: its making was cut short, or somebody emptied it");
  return Error(Errc::no_vault, "there is no vault in " + uri);
}

Result<KeySource> Session::key(Store& store) const {
  if (!reaches_keyring(request.unlock, settings))
    return read_key(choose_unlock(request.unlock, settings), settings, {}, false);
  auto kept = kept_key(store);
  if (kept.found) return KeySource::slot_key(std::move(kept.found->key));
  if (kept.stale)
    notice(fmt::format("going on without the kernel keyring: {}; `tokenvault lock` tidies up", kept.state));
  return read_key(choose_unlock(request.unlock, settings), settings, {}, false);
}

KeptLook Session::kept_key(Store& store) const {
  const auto head = read_head(store);
  if (!head) return {std::nullopt, head.error().message(), false};
  return look_for_kept_key(*head, system_clock().now());
}

Result<Vault> Session::vault(Place place) const {
  if (place.store == nullptr) return plain_vault(place.variables);
  TV_TRY(const auto source, key(*place.store));
  return Vault::open(std::move(place.store), source, options());
}

Result<Vault> Session::vault() const {
  TV_TRY(auto found, place());
  return vault(std::move(found));
}

Result<Vault> Session::plain_vault(const std::vector<PlainMapping>& variables) const {
  TV_TRY(auto opened, open_plain_environment(variables));
  for (const auto& variable : opened.not_scrubbed)
    notice(fmt::format("{} was set after this program began: copies of it may be left in memory", variable));
  return std::move(opened.vault);
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

bool Session::attended() const noexcept {
  return !settings.no_input && ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
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
