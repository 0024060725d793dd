#include <fmt/format.h>

#include "etcd_address.hpp"
#include "json.hpp"
#include "output.hpp"
#include "slot_table.hpp"
#include "tokenvault/rotation.hpp"
#include "try.hpp"
#include "unlock.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

std::string memory_text(const Protection& state) {
  return fmt::format("{}, {} bytes locked, {} bytes unprotected{}", to_string(state.backing),
                     state.locked_bytes, state.plain_bytes, state.hardened ? ", not dumpable" : "");
}

/// A vault in etcd is as durable as its cluster is, which nobody here can know.
std::string_view persistence_of(const std::string& uri, const VaultInfo& vault) {
  if (is_etcd(uri)) return "etcd";
  return vault.capabilities.durable ? "durable" : "volatile";
}

std::string vault_rows(const StatusView& view) {
  const auto& vault = *view.vault;
  return table({{"vault id", hex(vault.vault_id)},
                {"generation", std::to_string(vault.generation)},
                {"epoch", std::to_string(vault.epoch)},
                {"tokens", std::to_string(vault.tokens)},
                {"persistence", std::string(view.persistence)},
                {"at rest", vault.encrypted_at_rest ? "encrypted" : "not encrypted"},
                {"rotations", to_text(view.rotations)}});
}

/// Everything that is known without a key comes first: it is what helps when none fits.
std::string page(const StatusView& view, const Session& session) {
  const auto& anchors = view.anchors.empty() ? "none: an older copy would not be noticed" : view.anchors;
  auto text = table({{"vault", view.uri}, {"anchors", anchors}, {"memory", memory_text(view.protection)}});
  for (const auto& endpoint : view.endpoints) text += fmt::format("endpoint {}\n", printable(endpoint));
  text += "unlocked by, the first that is there\n";
  text += table(unlock_order(session.request.unlock, session.settings, view.kept));
  if (view.vault) text += vault_rows(view) + "slots\n" + slot_table(*view.vault);
  return text;
}

StatusView view_of(const Session& session, const Place& place) {
  StatusView view;
  if (place.store != nullptr) view.kept = session.kept_key(*place.store);
  const auto source = choose_unlock(session.request.unlock, session.settings, view.kept.found.has_value());
  view.uri = session.settings.vault_uri;
  view.endpoints = endpoints_of(view.uri);
  view.unlock_source = source.name;
  // A command may hold what should not be shown.
  if (source.kind != UnlockSource::Kind::passphrase_command) view.unlock_place = source.place;
  view.anchors = session.settings.anchors;
  return view;
}

/// What the open vault tells of itself, and what its keys got of the memory while it has them.
Status look(const Session& session, Place place, StatusView& view) {
  auto vault = session.vault(std::move(place));
  view.protection = protection();
  if (!vault) return std::move(vault).error();
  TV_TRY(view.vault, vault->info());
  view.persistence = persistence_of(view.uri, *view.vault);
  TV_TRY(const auto all, rotations(*vault));
  view.rotations = count(all);
  return Ok{};
}

std::string fault_lines(const VerifyReport& report) {
  auto text = table({{"tokens", std::to_string(report.tokens)},
                     {"nodes", std::to_string(report.nodes)},
                     {"records", std::to_string(report.records)},
                     {"orphans", std::to_string(report.orphans)},
                     {"faults", std::to_string(report.faults.size())}});
  for (const auto& fault : report.faults) text += fmt::format("fault: {}\n", printable(fault.what));
  return text;
}

}  // namespace

Result<int> run_status(const Session& session) {
  TV_TRY(auto place, session.place());
  auto view = view_of(session, place);
  auto looked = look(session, std::move(place), view);
  TV_CHECK(print(session.request.json ? json_status(view) : page(view, session)));
  if (!looked) return std::move(looked).error();
  return 0;
}

Result<int> run_verify(const Session& session) {
  TV_TRY(const auto vault, session.vault());
  TV_TRY(const auto report, vault.verify());
  TV_CHECK(print(session.request.json ? json_verify(report) : fault_lines(report)));
  if (report.orphans > 0)
    session.notice(fmt::format("{} orphans: left by an interrupted change, harmless", report.orphans));
  if (!report.faults.empty())
    return Error(Errc::tampered,
                 fmt::format("the vault has faults ({}), each named above", report.faults.size()));
  return 0;
}

}  // namespace tokenvault::cli
