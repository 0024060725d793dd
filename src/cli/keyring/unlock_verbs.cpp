#include <fmt/format.h>

#include "../json.hpp"
#include "../output.hpp"
#include "../time_text.hpp"
#include "../try.hpp"
#include "../unlock.hpp"
#include "../verbs.hpp"
#include "kept_key.hpp"
#include "tokenvault/time_text.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::chrono::seconds kShortest = std::chrono::minutes(1), kLongest = std::chrono::days(7);

/// Long enough to be of use, and short enough that a forgotten one ends.
Result<std::chrono::seconds> life_of(const KeepFlags& flags) {
  const auto span = parse_span(flags.span);
  if (span && *span >= kShortest && *span <= kLongest) return *span;
  return Error(Errc::invalid_argument, "--for takes a span from 1m to 7d, such as 30m, 8h or 1d");
}

/// Never by what is kept already: that would make a kept key endless.
Result<Vault> open_anew(const Session& session, std::unique_ptr<Store> store) {
  const auto source = choose_unlock(session.request.unlock, session.settings);
  TV_TRY(const auto key, read_key(source, session.settings, {}, false));
  return Vault::open(std::move(store), key, session.options());
}

Error nothing_to_keep() {
  return {Errc::refused, "plain variables are open to whoever has them: there is no key to be kept"};
}

}  // namespace

Result<int> run_unlock(const Session& session) {
  const auto& flags = session.request.keep;
  TV_TRY(const auto life, life_of(flags));
  const auto keyring = flags.session ? KernelKeyring::session : KernelKeyring::user;
  TV_TRY(auto place, session.place());
  if (place.store == nullptr) return nothing_to_keep();
  TV_CHECK(check_kernel_keyring(keyring));
  TV_TRY(const auto vault, open_anew(session, std::move(place.store)));
  TV_TRY(const auto info, vault.info());
  TV_TRY(auto key, vault.slot_key());
  const auto now = system_clock().now();
  const KeptKey kept{std::move(key), now + life};
  TV_CHECK(keep_key(keyring, info.vault_id, kept, now));
  if (session.request.json) {
    TV_CHECK(print(json_unlocked(info.vault_id, to_string(keyring), kept.until)));
  } else {
    session.notice(fmt::format("the vault is unlocked until {}, for {}; `tokenvault lock` ends it",
                               to_rfc3339(kept.until),
                               flags.session ? "this session" : "every process of this user"));
  }
  return 0;
}

Result<int> run_lock(const Session& session) {
  std::optional<VaultHead> head;
  if (!session.request.keep.all) {
    TV_TRY(const auto place, session.place());
    if (place.store == nullptr) return nothing_to_keep();
    TV_TRY(head, read_head(*place.store));
  }
  TV_TRY(const int forgotten, head ? forget_key(head->vault_id) : forget_all_keys());
  if (session.request.json) {
    TV_CHECK(print(json_locked(forgotten)));
  } else {
    session.notice(forgotten == 0
                       ? "nothing was unlocked"
                       : fmt::format("locked: {} kept key{} wiped", forgotten, forgotten == 1 ? "" : "s"));
  }
  return 0;
}

}  // namespace tokenvault::cli
