#include <fmt/format.h>

#include <tuple>

#include "backup_file.hpp"
#include "json.hpp"
#include "opening.hpp"
#include "output.hpp"
#include "try.hpp"
#include "variable_store.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::string_view kPlain = "env-plain:";

Error not_sealed() {
  return {Errc::refused, "plain variables hold no vault to be moved: `tokenvault import` takes values"};
}

/// Errors: already_exists; and whatever is wrong with what is there.
Result<std::unique_ptr<Store>> open_target(const Session& session) {
  const auto& to = session.request.to;
  if (to.starts_with(kVariableScheme))
    return VariableStore::make(to.substr(kVariableScheme.size()), "migrated", session.request.json);
  StoreOptions options;
  options.create = true;
  TV_TRY(auto store, open_place(to, session, options));
  TV_TRY(const bool taken, holds_vault(*store));
  if (taken) return Error(Errc::already_exists, "there is a vault already in " + to);
  return store;
}

}  // namespace

Result<int> run_migrate(const Session& session) {
  const auto& [from, to] = std::tie(session.request.from, session.request.to);
  if (to.starts_with(kPlain) || from.starts_with(kPlain)) return not_sealed();
  TV_TRY(auto place, session.place(from));
  TV_TRY(const auto vault, session.vault(std::move(place)));
  TV_TRY(const auto target, open_target(session));
  TV_TRY(const auto report, vault.migrate_to(*target));
  session.warn_of_anchor(vault);
  session.notice(
      fmt::format("moved {} tokens to {}; the vault in {} is an older copy now: erase it when nothing "
                  "uses it",
                  report.tokens, to, from));
  if (session.request.json && !to.starts_with(kVariableScheme))
    TV_CHECK(print(json_copy("migrated", to, report)));
  return 0;
}

}  // namespace tokenvault::cli
