// A backup comes back, or an older copy is made the newest: newer than all that anybody has seen, with no
// version number given out twice.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/hex.hpp"
#include "core/mutant.hpp"
#include "vault/impl.hpp"
#include "vault/snapshot.hpp"

namespace tokenvault {
namespace {

constexpr std::uint64_t kMostLost = 1U << 20;

/// How many commits may be lost of the line that was seen. A commit gives out one number of a token at most, so
/// as many numbers may be lost. Where the two lines have parted, nobody knows how long ago.
std::uint32_t lost_since(const Anchor& seen, const Anchor& root) {
  if (check_fresh(seen, root)) return 0;
  const auto commits =
      seen.generation > root.generation ? seen.generation - root.generation : seen.generation;
  return static_cast<std::uint32_t>(std::min(commits, kMostLost));
}

/// What to do about a vault that stands in the way. Errors that pass by themselves stay as they are.
Error in_the_way(const Error& error) {
  std::string_view advice;
  if (error.code() == Errc::stale)
    advice = "make it the newest first, if it is to stay, or restore into an empty place";
  if (error.code() == Errc::wrong_key || error.code() == Errc::tampered)
    advice = "what is there does not open: keep it aside and restore into an empty place";
  if (advice.empty()) return error;
  return {error.code(), fmt::format("{}: {}", error.message(), advice), error.os_error()};
}

std::uint32_t add_capped(std::uint32_t number, std::uint32_t more) {
  return more > ~std::uint32_t{0} - number ? ~std::uint32_t{0} : number + more;
}

Status skip_numbers(Draft& draft, const std::vector<format::Entry>& entries, std::uint32_t lost) {
  if (lost == 0 || mutated("restore.skips")) return Ok{};
  for (const auto& entry : entries) {
    auto after = entry;
    after.last = add_capped(entry.last, lost);
    TV_CHECK(draft.replace(entry, std::move(after)));
  }
  return Ok{};
}

Anchor anchor_of(const Anchors& anchors, const format::VaultId& vault) {
  const auto found = anchors.find(vault);
  return found == anchors.end() ? Anchor{} : found->second;
}

/// Makes the contents of a present vault those of a backup, entry by entry.
class BringBack {
 public:
  BringBack(Draft& draft, const Snapshot& backup) : draft_(draft), backup_(backup) {
    for (const auto& blob : backup.blobs) blobs_.emplace(blob.id, &blob);
  }

  /// The names that the vault listed and the backup has not got.
  Result<std::vector<std::string>> run() {
    TV_TRY(auto present, draft_.entries());
    for (auto& entry : present) present_.emplace(entry.name, std::move(entry));
    for (const auto& wanted : backup_.entries) TV_CHECK(bring(wanted));
    std::vector<std::string> dropped;
    for (const auto& [name, entry] : present_) {
      if (entry.listed()) dropped.push_back(name);
      TV_CHECK(drop(entry));
    }
    return dropped;
  }

 private:
  Status bring(const format::Entry& wanted) {
    std::optional<format::Entry> before;
    if (const auto node = present_.extract(wanted.name)) before = node.mapped();
    auto after = wanted;
    if (before && !mutated("restore.counts_on")) after.last = std::max(before->last, wanted.last);
    for (const auto& version : wanted.versions) TV_CHECK(bring(wanted.name, version, before));
    if (before) erase_others(*before, wanted);
    return draft_.replace(before, std::move(after));
  }

  Status bring(std::string_view name, const format::Version& version,
               const std::optional<format::Entry>& before) {
    if (before && has_record(*before, version.record.id)) return Ok{};
    const auto& blob = *blobs_.at(version.record.id);
    if (!draft_.open(name, version, blob.bytes) && !mutated("restore.key"))
      return Error(Errc::refused,
                   fmt::format("the vault has not got the key that version {} of {} was sealed under in the "
                               "backup: restore it into a place of its own",
                               version.number, name));
    draft_.add_blob(blob);
    return Ok{};
  }

  static bool has_record(const format::Entry& entry, const BlobId& id) {
    return std::ranges::any_of(entry.versions,
                               [&](const format::Version& version) { return version.record.id == id; });
  }

  void erase_others(const format::Entry& before, const format::Entry& wanted) {
    for (const auto& version : before.versions)
      if (!has_record(wanted, version.record.id)) draft_.erase_record(version.record.id);
  }

  Status drop(const format::Entry& entry) {
    if (entry.destroyed) return Ok{};
    erase_others(entry, {});
    return draft_.replace(entry, destroyed(entry));
  }

  Draft& draft_;
  const Snapshot& backup_;
  std::map<BlobId, const Blob*> blobs_;
  std::map<std::string, format::Entry, std::less<>> present_;
};

}  // namespace

Result<RestoreReport> Vault::Impl::restore(Impl& backup, const KeySource& key,
                                           const RestoreOptions& options) {
  TV_TRY(const auto anchors, anchors_.sample());
  TV_TRY(const auto copy, backup.read<Snapshot>([](NodeReader& nodes) { return take_snapshot(nodes); }));
  const auto present = has_root();
  if (!present) return in_the_way(present.error());
  if (!*present)
    return restore_anew(backup, copy, anchor_of(anchors, backup.state_.header.vault_id), options);
  if (const auto opened = unlock(key, anchors); !opened) return in_the_way(opened.error());
  return restore_over(backup.state_, copy, options);
}

/// The backup's own keys and slots, in a place where nothing is.
Result<RestoreReport> Vault::Impl::restore_anew(Impl& backup, const Snapshot& copy, const Anchor& seen,
                                                const RestoreOptions& options) {
  auto& state = backup.state_;
  Draft draft(*backup.store_, state, now());
  TV_CHECK(skip_numbers(draft, copy.entries, lost_since(seen, state.anchor())));
  if (seen.epoch > state.header.epoch)
    TV_CHECK(renew_master(draft, backup.unlocker_, options.slots, seen.epoch));
  TV_CHECK(draft.leap_beyond(seen.generation));
  TV_CHECK(draft.seal());
  TV_CHECK(fill_store(*store_, draft.root(), draft.blobs_with(copy.blobs)));
  note_anchor(draft.anchor());
  return RestoreReport{draft.generation(), draft.tokens(), {}};
}

/// Keys, slots and epoch stay those of the vault that is there: who was removed since stays out.
Result<RestoreReport> Vault::Impl::restore_over(const State& backup, const Snapshot& copy,
                                                const RestoreOptions& options) {
  const auto& own = state_.header;
  if (!mutated("restore.other_vault") && own.vault_id != backup.header.vault_id)
    return Error(Errc::refused, fmt::format("this is a backup of vault {}, and here is vault {}",
                                            to_hex(backup.header.vault_id), to_hex(own.vault_id)));
  RestoreReport report;
  TV_CHECK(change([&](Draft& draft) -> Status {
    const auto generation = draft.state().header.generation;
    if (!mutated("restore.newer") && generation > backup.header.generation && !options.replace)
      return Error(Errc::conflict,
                   fmt::format("the vault here is newer (generation {}) than the backup ({}), and "
                               "what was written since would be lost",
                               generation, backup.header.generation));
    TV_TRY(report.dropped, BringBack(draft, copy).run());
    TV_CHECK(draft.leap_beyond(backup.header.generation));
    report.tokens = draft.tokens();
    return Ok{};
  }));
  report.generation = state_.header.generation;
  return report;
}

Result<RestoreReport> Vault::Impl::accept_stale(const KeySource& key, const RestoreOptions& options) {
  TV_TRY(const auto anchors, anchors_.sample());
  TV_CHECK(unlock(key, {}));
  const auto seen = anchor_of(anchors, state_.header.vault_id);
  if (!mutated("restore.nothing_stale") && check_fresh(anchors, state_.header.vault_id, state_.anchor()))
    return Error(Errc::refused, "the vault is no older than what was seen of it: there is nothing to accept");
  RestoreReport report;
  TV_CHECK(change([&](Draft& draft) -> Status {
    const auto& present = draft.state();
    TV_TRY(const auto entries, draft.entries());
    TV_CHECK(skip_numbers(draft, entries, lost_since(seen, present.anchor())));
    if (seen.epoch > present.header.epoch)
      TV_CHECK(renew_master(draft, unlocker_, options.slots, seen.epoch));
    TV_CHECK(draft.leap_beyond(seen.generation));
    report.tokens = draft.tokens();
    return Ok{};
  }));
  report.generation = state_.header.generation;
  return report;
}

}  // namespace tokenvault
