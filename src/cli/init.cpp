#include <fmt/format.h>

#include "json.hpp"
#include "opening.hpp"
#include "output.hpp"
#include "prompt.hpp"
#include "recovery.hpp"
#include "try.hpp"
#include "unlock.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

/// Errors: already_exists, and whatever is wrong with what is there.
Status need_free_place(const Session& session) {
  TV_CHECK(session.need_uri());
  const auto& uri = session.settings.vault_uri;
  if (uri.starts_with("env:") || uri.starts_with("env-plain:"))
    return Error(Errc::read_only,
                 "a variable cannot be written: make the vault elsewhere, then `tokenvault migrate` it");
  auto store = open_place(uri, session);
  if (!store && store.error().code() == Errc::no_vault) return Ok{};
  if (!store) return std::move(store).error();
  TV_TRY(const bool found, holds_vault(**store));
  if (!found) return Ok{};
  return Error(Errc::already_exists, "there is a vault already in " + uri);
}

/// What the first slot is made from: the flag, the environment, else the default key file.
Result<UnlockSource> choose_first_key(const Session& session) {
  auto source = choose_unlock(session.request.unlock, session.settings);
  using Kind = UnlockSource::Kind;
  const bool asked = count(session.request.unlock) > 0;
  if (source.kind == Kind::passphrase_prompt && !asked) {
    if (session.settings.default_key_file.empty())
      return Error(Errc::invalid_argument, "HOME is not set: name a key with --key-file");
    return UnlockSource{Kind::key_file, "default key file", session.settings.default_key_file};
  }
  if (source.kind == Kind::identity_file || source.kind == Kind::recovery_file ||
      source.kind == Kind::recovery_prompt)
    return Error(Errc::invalid_argument,
                 "a vault begins with a key or a passphrase; add others with `key add`");
  return source;
}

Status make_key_if_absent(const UnlockSource& source, const Session& session) {
  if (source.kind != UnlockSource::Kind::key_file || is_there(source.place)) return Ok{};
  const auto made = make_key_file(source.place);
  // Another init was faster: its key is as good as ours.
  if (!made && made.error().code() != Errc::already_exists) return made;
  if (made)
    session.notice(
        fmt::format("made the key file {}: keep a copy, nothing else opens the vault", source.place));
  return Ok{};
}

KdfCost cost_of(const Request& request) { return {request.kdf_passes, request.kdf_memory_mib * 1024}; }

Result<Vault> create(const KeySource& key, const Session& session) {
  if (session.settings.default_vault) TV_CHECK(make_parents(path_of(session.settings.vault_uri)));
  StoreOptions options;
  options.create = true;
  TV_TRY(auto store, open_place(session.settings.vault_uri, session, options));
  return Vault::create(std::move(store), key, session.options());
}

/// Asked before the vault is made: whoever ends the question with Ctrl-C has no vault without a code.
Result<bool> wants_recovery(const std::optional<NewFile>& file, const Session& session) {
  if (file || !session.attended()) return file.has_value();
  const auto terminal = Terminal::open(true);
  return terminal ? terminal->confirm("make a recovery code? [Y/n] ", true) : Result<bool>(false);
}

Status give_recovery(bool wanted, Vault& vault, std::optional<NewFile>& file, const Session& session) {
  if (wanted) {
    TV_CHECK(add_recovery(vault, file, "recovery", session));
    return Ok{};
  }
  session.notice(
      "no recovery code: whoever loses the key loses the vault; `tokenvault key add --recovery` makes one");
  return Ok{};
}

}  // namespace

Result<int> run_init(const Session& session) {
  TV_CHECK(need_free_place(session));
  TV_TRY(const auto source, choose_first_key(session));
  std::optional<NewFile> recovery_file;
  if (session.request.recovery_file) {
    TV_TRY(recovery_file, NewFile::make(*session.request.recovery_file));
  }
  TV_CHECK(make_key_if_absent(source, session));
  TV_TRY(const auto key, read_key(source, session.settings, cost_of(session.request), true));
  TV_TRY(const bool recovery, wants_recovery(recovery_file, session));
  TV_TRY(auto vault, create(key, session));
  TV_CHECK(give_recovery(recovery, vault, recovery_file, session));
  session.warn_of_anchor(vault);
  TV_TRY(const auto info, vault.info());
  if (session.request.json) {
    TV_CHECK(print(json_vault("created", info)));
  } else {
    session.notice(fmt::format("made the vault {} ({})", session.settings.vault_uri, hex(info.vault_id)));
  }
  return 0;
}

}  // namespace tokenvault::cli
