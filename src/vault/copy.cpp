// The whole vault, sealed as it is, into another store: a backup, or a move.
#include "core/mutant.hpp"
#include "vault/impl.hpp"
#include "vault/snapshot.hpp"

namespace tokenvault {
namespace {

CopyReport report_of(const State& state, const Snapshot& copy, std::uint64_t generation) {
  CopyReport report{state.top.tokens, copy.blobs.size(), copy.root.size(), generation};
  for (const auto& blob : copy.blobs) report.bytes += blob.bytes.size();
  return report;
}

}  // namespace

Status Vault::Impl::need_key_of_somebody() const {
  if (!plain_ || mutated("copy.plain")) return Ok{};
  return Error(Errc::refused,
               "plain variables hold no vault to be copied: a copy would have a key that nobody has");
}

Result<CopyReport> Vault::Impl::backup_to(Store& target) {
  TV_CHECK(need_key_of_somebody());
  CopyReport report;
  TV_TRY(const auto copy, read<Snapshot>([&](NodeReader& nodes) -> Result<Snapshot> {
           TV_TRY(auto taken, take_snapshot(nodes));
           report = report_of(state_, taken, state_.header.generation);
           return taken;
         }));
  TV_CHECK(fill_store(target, copy.root, copy.blobs));
  return report;
}

Result<CopyReport> Vault::Impl::migrate_to(Store& target) {
  TV_CHECK(need_key_of_somebody());
  CopyReport report;
  Anchor anchor;
  TV_TRY(const auto copy, read<Snapshot>([&](NodeReader& nodes) -> Result<Snapshot> {
           TV_TRY(auto taken, take_snapshot(nodes));
           Draft draft(*store_, state_, now());
           TV_CHECK(draft.leap_beyond(0));
           TV_CHECK(draft.seal());
           taken.root = draft.root();
           anchor = draft.anchor();
           report = report_of(state_, taken, anchor.generation);
           return taken;
         }));
  TV_CHECK(fill_store(target, copy.root, copy.blobs));
  note_anchor(anchor);
  return report;
}

}  // namespace tokenvault
