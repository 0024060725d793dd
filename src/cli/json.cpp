#include "json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "output.hpp"
#include "rotation/rotation_object.hpp"
#include "time_text.hpp"

namespace tokenvault::cli {
namespace {

using Json = nlohmann::ordered_json;

Json time_or_null(const std::optional<Time>& time) { return time ? Json(to_rfc3339(*time)) : Json(nullptr); }

Json versions(const TokenInfo& token) {
  auto list = Json::array();
  for (const auto& version : token.versions)
    list.push_back({{"version", version.number},
                    {"stage", to_string(version.stage)},
                    {"created", to_rfc3339(version.created)},
                    {"expires", time_or_null(version.expires)}});
  return list;
}

void add_token(Json& object, const TokenInfo& token) {
  object["name"] = token.name;
  object["version"] = token.version;
  object["created"] = to_rfc3339(token.created);
  object["expires"] = time_or_null(token.expires);
  object["label"] = token.label;
}

Json slot(const SlotInfo& info, const SlotId& used) {
  Json object{{"id", hex(info.id)},
              {"kind", to_string(info.kind)},
              {"label", info.label},
              {"created", to_rfc3339(info.created)}};
  object["opened"] = info.id == used;
  if (info.cost) object["kdf"] = {{"passes", info.cost->passes}, {"memory_kib", info.cost->memory_kib}};
  if (info.public_key) object["public_key"] = hex(*info.public_key);
  return object;
}

Json slots(const VaultInfo& vault) {
  auto list = Json::array();
  for (const auto& info : vault.slots) list.push_back(slot(info, vault.unlocked_by));
  return list;
}

Json protection(const Protection& state) {
  return {{"backing", to_string(state.backing)}, {"locked_bytes", state.locked_bytes},
          {"plain_bytes", state.plain_bytes},    {"lock_limit", state.lock_limit},
          {"dontdump", state.dontdump},          {"dontfork", state.dontfork},
          {"hardened", state.hardened}};
}

Json version_object(std::string_view name, const VersionInfo& version) {
  return {{"schema", 1}, {"name", name}, {"version", version.number}, {"stage", to_string(version.stage)}};
}

}  // namespace

std::string dump(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string json_error(int code, std::string_view kind, std::string_view message, std::string_view hint) {
  return dump({{"type", "error"}, {"code", code}, {"kind", kind}, {"message", message}, {"hint", hint}});
}

std::string json_status(const StatusView& view) {
  Json document{{"schema", 1}, {"vault", view.uri}};
  const bool open = view.vault.has_value();
  document["vault_id"] = open ? Json(hex(view.vault->vault_id)) : Json(nullptr);
  document["generation"] = open ? Json(view.vault->generation) : Json(nullptr);
  document["tokens"] = open ? Json(view.vault->tokens) : Json(nullptr);
  document["persistence"] = open ? Json(view.persistence) : Json(nullptr);
  document["encrypted_at_rest"] = open ? Json(view.vault->encrypted_at_rest) : Json(nullptr);
  document["protection"] = protection(view.protection);
  document["unlocked_by"] = open ? Json(view.unlock_source) : Json(nullptr);
  document["slots"] = open ? slots(*view.vault) : Json(nullptr);
  document["pending_rotations"] = open ? Json(view.rotations.open) : Json(nullptr);
  document["obligations"] = open ? Json(view.rotations.owed) : Json(nullptr);
  document["rotations_asking"] = open ? Json(view.rotations.asking) : Json(nullptr);
  document["unlock_source"] = view.unlock_source;
  document["unlock_place"] = view.unlock_place.empty() ? Json(nullptr) : Json(view.unlock_place);
  document["unlocked_until"] = view.kept.found ? Json(to_rfc3339(view.kept.found->until)) : Json(nullptr);
  document["epoch"] = open ? Json(view.vault->epoch) : Json(nullptr);
  document["anchors"] = view.anchors.empty() ? Json(nullptr) : Json(view.anchors);
  document["endpoints"] = view.endpoints.empty() ? Json(nullptr) : Json(view.endpoints);
  return dump(document);
}

std::string json_list(const std::vector<TokenInfo>& tokens) {
  auto list = Json::array();
  for (const auto& token : tokens) add_token(list.emplace_back(Json::object()), token);
  return dump({{"schema", 1}, {"tokens", std::move(list)}});
}

std::string json_show(const TokenInfo& token) {
  Json document{{"schema", 1}};
  add_token(document, token);
  document["versions"] = versions(token);
  document["suspect"] =
      token.suspect ? Json{{"version", token.suspect->version}, {"since", to_rfc3339(token.suspect->since)}}
                    : Json(nullptr);
  document["policy"] = token.policy ? policy_object(*token.policy) : Json(nullptr);
  document["rotation"] = token.rotation ? rotation_object(*token.rotation) : Json(nullptr);
  return dump(document);
}

std::string json_history(const TokenInfo& token) {
  return dump({{"schema", 1}, {"name", token.name}, {"versions", versions(token)}});
}

std::string json_event(std::string_view event, std::string_view name) {
  return dump({{"schema", 1}, {"event", event}, {"name", name}});
}

std::string json_version(std::string_view name, const VersionInfo& version) {
  auto document = version_object(name, version);
  document["created"] = to_rfc3339(version.created);
  document["expires"] = time_or_null(version.expires);
  return dump(document);
}

std::string json_version_before_value(std::string_view name, const VersionInfo& version) {
  auto text = dump(version_object(name, version));
  text.resize(text.rfind('}'));
  return text + ",\"value_b64\":\"";
}

std::string json_verify(const VerifyReport& report) {
  auto faults = Json::array();
  for (const auto& fault : report.faults)
    faults.push_back({{"kind", to_string(fault.code)}, {"what", fault.what}});
  return dump({{"schema", 1},
               {"tokens", report.tokens},
               {"nodes", report.nodes},
               {"records", report.records},
               {"orphans", report.orphans},
               {"faults", std::move(faults)}});
}

std::string json_slots(const VaultInfo& vault) { return dump({{"schema", 1}, {"slots", slots(vault)}}); }

std::string json_slot(std::string_view event, const SlotId& slot, const std::optional<PublicKey>& key) {
  Json document{{"schema", 1}, {"event", event}, {"slot", hex(slot)}};
  if (key) document["public_key"] = hex(*key);
  return dump(document);
}

std::string json_findings(const std::vector<Finding>& findings) {
  auto list = Json::array();
  for (const auto& finding : findings)
    list.push_back({{"level", to_string(finding.level)},
                    {"subject", finding.subject},
                    {"what", finding.what},
                    {"advice", finding.advice}});
  return dump({{"schema", 1}, {"findings", std::move(list)}});
}

std::string json_drill(const VaultInfo& vault, const std::vector<SlotId>& opened) {
  auto list = slots(vault);
  for (std::size_t i = 0; i < vault.slots.size(); ++i)
    list[i]["opened"] = std::ranges::find(opened, vault.slots[i].id) != opened.end();
  return dump({{"schema", 1}, {"slots", std::move(list)}});
}

std::string json_copy(std::string_view event, std::string_view place, const CopyReport& report) {
  return dump({{"schema", 1},
               {"event", event},
               {"place", place},
               {"tokens", report.tokens},
               {"blobs", report.blobs},
               {"bytes", report.bytes},
               {"generation", report.generation}});
}

std::string json_variable(std::string_view event, std::string_view variable, std::string_view value) {
  return dump(
      {{"schema", 1}, {"event", event}, {"place", fmt::format("env:{}", variable)}, {"value", value}});
}

std::string json_restore(std::string_view place, const RestoreReport& report) {
  return dump({{"schema", 1},
               {"event", "restored"},
               {"place", place},
               {"tokens", report.tokens},
               {"generation", report.generation},
               {"dropped", report.dropped}});
}

std::string json_token_before_value(std::string_view name, const std::optional<Time>& expires,
                                    std::string_view member) {
  Json token{{"name", name}};
  if (expires) token["expires"] = to_rfc3339(*expires);
  token[std::string(member)] = "";
  auto text = dump(token);
  text.resize(text.rfind('"'));
  return text;
}

std::string json_export(std::string_view place, std::uint64_t tokens) {
  return dump({{"schema", 1}, {"event", "exported"}, {"place", place}, {"tokens", tokens}});
}

std::string json_import(const ImportReport& report) {
  return dump({{"schema", 1},
               {"event", "imported"},
               {"added", report.added},
               {"replaced", report.replaced},
               {"skipped", report.skipped}});
}

std::string json_unlocked(const VaultId& vault, std::string_view keyring, Time until) {
  return dump({{"schema", 1},
               {"event", "unlocked"},
               {"vault_id", hex(vault)},
               {"keyring", keyring},
               {"until", to_rfc3339(until)}});
}

std::string json_locked(int forgotten) {
  return dump({{"schema", 1}, {"event", "locked"}, {"keys_wiped", forgotten}});
}

std::string json_vault(std::string_view event, const VaultInfo& vault) {
  return dump({{"schema", 1},
               {"event", event},
               {"vault_id", hex(vault.vault_id)},
               {"generation", vault.generation},
               {"epoch", vault.epoch},
               {"slots", slots(vault)}});
}

}  // namespace tokenvault::cli
