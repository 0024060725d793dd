// The vaults of positive.json, by each of their keys: everything the public API tells.
#include "vectors.hpp"
#include "core/hex.hpp"
#include "support/flat_container.hpp"
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"

#include <fstream>

namespace tokenvault::test {
namespace {

std::uint64_t seconds(Time time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }
std::uint64_t seconds(const std::optional<Time>& time) { return time ? seconds(*time) : 0; }

std::string text_or_empty(const Json& text) {
  return text.is_null() ? std::string() : text.get<std::string>();
}

bool is_listed(const Json& entry) {
  return !entry.at("removed").get<bool>() && !entry.at("destroyed").get<bool>();
}

Dump container_of(const Json& item) {
  const auto bytes = vector_file(item.at("file"));
  auto dump = from_one_piece(bytes);
  REQUIRE_MESSAGE(dump, (dump ? "" : dump.error().message()));
  CHECK(dump->in_one_piece() == bytes);
  return *std::move(dump);
}

Vault open(const Json& item, const Json& key) {
  auto source = key_of(key);
  REQUIRE(source);
  auto vault = Vault::open(store_of(container_of(item)), *source);
  REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
  return *std::move(vault);
}

/// The slots that this version knows; others are skipped.
Json known_slots(const Json& slots) {
  Json known = Json::array();
  for (const auto& slot : slots)
    if (slot.at("type") >= 1 && slot.at("type") <= 4) known.push_back(slot);
  return known;
}

void check_slots(const Json& want, const std::vector<SlotInfo>& slots) {
  REQUIRE(slots.size() == want.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    CAPTURE(i);
    CHECK(to_hex(slots[i].id) == want[i].at("id"));
    CHECK(static_cast<int>(slots[i].kind) == want[i].at("type"));
    CHECK(slots[i].label == text_or_empty(want[i].at("label")));
    CHECK(seconds(slots[i].created) == (want[i].at("created").is_null() ? Json(0) : want[i].at("created")));
  }
}

void check_vault(const Json& item, const Vault& vault) {
  const auto info = vault.info();
  REQUIRE(info);
  CHECK(to_hex(info->vault_id) == item.at("vault_id"));
  CHECK(info->generation == item.at("generation"));
  CHECK(info->epoch == item.at("epoch"));
  CHECK(info->tokens == item.at("tokens"));
  check_slots(known_slots(item.at("slots")), info->slots);
}

void check_report(const Json& item, const Vault& vault) {
  const auto report = vault.verify();
  REQUIRE(report);
  for (const auto& fault : report->faults) FAIL_CHECK(fault.what);
  CHECK(report->tokens == item.at("tokens"));
  CHECK(report->orphans == item.at("orphans").size());
  std::size_t records = 0;
  for (const auto& entry : item.at("entries")) records += entry.at("versions").size();
  CHECK(report->records == records);
}

void check_version(const std::string& name, const Json& want, const VersionInfo& version,
                   const Vault& vault) {
  CAPTURE(version.number);
  CHECK(version.number == want.at("number"));
  CHECK(to_string(version.stage) == want.at("stage").get<std::string>());
  CHECK(seconds(version.created) == want.at("created"));
  CHECK(seconds(version.expires) == want.at("expires"));
  const auto value = vault.get(name, {.number = version.number, .expired_ok = true});
  REQUIRE_MESSAGE(value, (value ? "" : value.error().message()));
  CHECK(is_value(value->expose(), want.at("value")));
}

/// What info() says of the current version, and what get() gives by stage.
void check_current(const Json& entry, const TokenInfo& info, const Vault& vault) {
  for (const auto stage : {Stage::current, Stage::previous}) {
    const auto& versions = entry.at("versions");
    const auto want = std::ranges::find_if(
        versions, [&](const Json& version) { return version.at("stage") == std::string(to_string(stage)); });
    const auto value = vault.get(info.name, {.stage = stage, .expired_ok = true});
    if (want == versions.end())
      CHECK(code_of(value) == Errc::not_found);
    else
      CHECK(is_value(value ? value->expose() : BytesView(), want->at("value")));
    if (stage != Stage::current) continue;
    CHECK(info.version == (want == versions.end() ? Json(0) : want->at("number")));
    CHECK(seconds(info.expires) == (want == versions.end() ? Json(0) : want->at("expires")));
  }
}

void check_listed(const std::string& name, const Json& entry, const Vault& vault) {
  const auto info = vault.info(name);
  REQUIRE_MESSAGE(info, (info ? "" : info.error().message()));
  CHECK(info->name == name);
  CHECK(info->label == text_or_empty(entry.at("label")));
  const auto& versions = entry.at("versions");
  REQUIRE(info->versions.size() == versions.size());
  for (std::size_t i = 0; i < versions.size(); ++i)
    check_version(name, versions[i], info->versions[i], vault);
  check_current(entry, *info, vault);
}

void check_hidden(const std::string& name, const Json& entry, const Vault& vault) {
  CHECK(code_of(vault.info(name)) == Errc::not_found);
  CHECK(code_of(vault.get(name)) == Errc::not_found);
  for (const auto& version : entry.at("versions"))
    CHECK(code_of(vault.get(name, {.number = version.at("number"), .expired_ok = true})) == Errc::not_found);
}

void check_entries(const Json& entries, const Vault& vault) {
  std::vector<std::string> listed;
  for (const auto& item : entries.items()) {
    const auto& name = item.key();
    const auto& entry = item.value();
    CAPTURE(name);
    if (is_listed(entry)) {
      listed.push_back(name);
      check_listed(name, entry, vault);
    } else {
      check_hidden(name, entry, vault);
    }
  }
  const auto tokens = vault.list();
  REQUIRE(tokens);
  CHECK(std::ranges::equal(*tokens, listed, {}, &TokenInfo::name));  // both ascend bytewise
}

TEST_CASE("every positive vector opens by each of its keys and holds what positive.json says") {
  int opened = 0;
  for (const auto& item : vectors_in("positive.json")) {
    for (const auto& key : item.at("keys")) {
      const auto file = item.at("file").get<std::string>();
      const auto kind = key.begin().key();
      CAPTURE(file);
      CAPTURE(kind);
      const auto vault = open(item, key);
      check_vault(item, vault);
      check_entries(item.at("entries"), vault);
      check_report(item, vault);
      ++opened;
    }
  }
  CHECK(opened > 10);
}

TEST_CASE("an anchor of the same generation fits exactly the root of each positive vector") {
  const TempDir folder;
  for (const auto& item : vectors_in("positive.json")) {
    auto digest = item.at("anchor").get<std::string>();
    for (const bool same : {true, false}) {
      CAPTURE(same);
      if (!same) digest[0] = digest[0] == '0' ? '1' : '0';
      std::ofstream(folder / "anchors")
          << item.at("vault_id").get<std::string>() << ' ' << item.at("generation") << ' ' << digest << '\n';
      VaultOptions options;
      options.anchors = folder / "anchors";
      const auto vault = Vault::open(store_of(container_of(item)), *key_of(item.at("keys").front()), options);
      if (same)
        CHECK(vault.has_value());
      else
        CHECK(code_of(vault) == Errc::stale);
    }
  }
}

}  // namespace
}  // namespace tokenvault::test
