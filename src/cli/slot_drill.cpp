#include "slot_drill.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "json.hpp"
#include "output.hpp"
#include "slot_table.hpp"
#include "try.hpp"
#include "unlock.hpp"

namespace tokenvault::cli {
namespace {

using Kind = UnlockSource::Kind;

std::vector<UnlockSource> sources_of(const TriedKeys& tried) {
  std::vector<UnlockSource> sources;
  for (const auto& path : tried.key_files) sources.push_back({Kind::key_file, "--try-key-file", path});
  for (const int fd : tried.passphrase_fds)
    sources.push_back({Kind::passphrase_fd, "--try-passphrase-fd", {}, fd});
  for (const auto& path : tried.identity_files)
    sources.push_back({Kind::identity_file, "--try-identity-file", path});
  for (const auto& path : tried.recovery_files)
    sources.push_back({Kind::recovery_file, "--try-recovery-file", path});
  return sources;
}

/// Says which of several keys failed: the library's words alone would not.
Error of_source(const Error& error, const UnlockSource& source) {
  const auto place = source.place.empty() ? fmt::format("{}", source.fd) : source.place;
  return {error.code(), fmt::format("{} {}: {}", source.name, place, error.message()), error.os_error()};
}

Result<std::vector<SlotId>> open_slots(const Session& session, const Vault& vault, const VaultInfo& info) {
  std::vector<SlotId> opened{info.unlocked_by};
  for (const auto& source : sources_of(session.request.tried)) {
    const auto key = read_key(source, session.settings, {}, false);
    if (!key) return of_source(key.error(), source);
    const auto slot = vault.check_key(*key);
    if (!slot) return of_source(slot.error(), source);
    opened.push_back(*slot);
  }
  return opened;
}

}  // namespace

Result<int> run_drill(const Session& session, const Vault& vault) {
  TV_TRY(const auto info, vault.info());
  TV_TRY(const auto opened, open_slots(session, vault, info));
  TV_CHECK(print(session.request.json ? json_drill(info, opened) : drill_table(info, opened)));
  const auto missed = std::ranges::count_if(
      info.slots, [&](const SlotInfo& slot) { return std::ranges::find(opened, slot.id) == opened.end(); });
  if (missed > 0 && session.request.tried.all)
    return Error(Errc::wrong_key, fmt::format("{} of {} slots were not opened", missed, info.slots.size()));
  if (missed > 0) session.notice(fmt::format("{} of {} slots were not tried", missed, info.slots.size()));
  return 0;
}

}  // namespace tokenvault::cli
