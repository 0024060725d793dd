#include "examine.hpp"

#include <map>
#include <string>

#include "support/fake_clock.hpp"
#include "target.hpp"
#include "unsealed.hpp"

namespace tokenvault::fuzz {
namespace {

using StoreOpener = std::function<Result<std::unique_ptr<Store>>()>;
/// By name and number.
using Values = std::map<std::pair<std::string, std::uint32_t>, std::string>;

const test::FakeClock& still_clock() {
  static const test::FakeClock clock;
  return clock;
}

VaultOptions options() { return {.clock = &still_clock(), .anchors = {}}; }

std::string text_of(const SecretBuffer& value) { return std::string(as_text(value.expose())); }

/// What the right key finds where it reads.
void check_read_error(const Error& error) {
  check_error(error, {Errc::tampered, Errc::not_found, Errc::expired, Errc::unsupported});
}

std::optional<Vault> open_vault(std::unique_ptr<Store> store) {
  auto vault = Vault::open(std::move(store), known_key(), options());
  if (vault) return *std::move(vault);
  check_error(vault.error(), {Errc::no_vault, Errc::wrong_key, Errc::tampered, Errc::unsupported});
  return std::nullopt;
}

void check_head(Store& store) {
  const auto head = read_head(store);
  if (!head) return check_error(head.error(), {Errc::no_vault, Errc::tampered, Errc::unsupported});
  must(!head->slots.empty() && head->slots.size() <= 32, "a head has 1 to 32 slots");
}

/// Every version of one token. False where one could not be read.
bool read_token(const Vault& vault, const std::string& name, Values& values) {
  const auto info = vault.info(name);
  if (!info) {
    check_read_error(info.error());
    return false;
  }
  must(info->name == name, "a token is what was asked for");
  bool whole = true;
  for (const auto& version : info->versions) {
    const auto value = vault.get(name, {.number = version.number, .expired_ok = true});
    if (value) {
      must(value->size() >= 1 && value->size() <= kMaxSecretSize, "a value is 1 byte to 32 KiB");
      values[{name, version.number}] = text_of(*value);
    } else {
      check_read_error(value.error());
      whole = false;
    }
  }
  const auto current = vault.token(name);
  if (!current)
    check_read_error(current.error());
  else
    must(current->version == info->version, "the current version is the one that is told");
  return whole;
}

/// Nothing where something could not be read.
std::optional<Values> read_all(const Vault& vault) {
  const auto tokens = vault.list();
  if (!tokens) {
    check_read_error(tokens.error());
    return std::nullopt;
  }
  Values values;
  bool whole = true;
  for (const auto& token : *tokens) {
    must(check_name(token.name).has_value(), "a listed name is a name");
    whole = read_token(vault, token.name, values) && whole;
  }
  const auto info = vault.info();
  if (info)
    must(!whole || info->slots.size() <= 32, "at most 32 slots");
  else
    check_read_error(info.error());
  const auto expiring = vault.expiring(still_clock().now());
  if (!expiring) check_read_error(expiring.error());
  return whole ? std::optional(std::move(values)) : std::nullopt;
}

bool is_clean(const Vault& vault) {
  const auto report = vault.verify();
  if (!report) {
    check_read_error(report.error());
    return false;
  }
  for (const auto& fault : report->faults) check_error(Error(fault.code, fault.what), {Errc::tampered});
  return report->faults.empty();
}

/// A good vault in one piece has the same after it was sealed anew, blob by blob or under another master key.
void check_copies(const Vault& vault, const Values& values) {
  const std::shared_ptr<Store> kept = open_memory_store().value();
  const auto copied = vault.backup_to(*kept);
  if (!copied) return check_error(copied.error(), {Errc::refused, Errc::tampered});
  const auto bytes = copy_sealed(*kept);
  must(bytes.has_value(), "a copy can be copied");
  const auto copy = open_vault(open_sealed_store(*bytes).value());
  must(copy.has_value() && is_clean(*copy), "a copy of a clean vault is clean");
  must(read_all(*copy) == values, "a copy has the same values");
}

/// Errors of changes: those of reads, and a vault that is full.
void check_change_error(const Error& error) {
  check_error(error, {Errc::tampered, Errc::refused, Errc::unsupported, Errc::read_only, Errc::conflict,
                      Errc::not_found, Errc::already_exists});
}

void check_changes(Vault& vault, Values values, const StoreOpener& open) {
  const std::string name = "fuzz/new";
  const auto number = vault.put(name, secret_of("fresh"));
  if (!number) return check_change_error(number.error());
  const auto version = [&](const Vault& other) { return other.get(name, {.number = *number}); };
  must(version(vault).has_value(), "what was put can be read");
  // Its older versions may have made room.
  std::erase_if(values, [&](const auto& each) { return each.first.first == name; });
  const auto rotated = vault.rotate_master({.keep = {}, .drop = {}});
  if (!rotated) check_change_error(rotated.error());
  auto store = open();
  must(store.has_value(), "a store that was written to opens");
  const auto again = open_vault(*std::move(store));
  must(again.has_value() && is_clean(*again), "a clean vault is clean after a change");
  const auto found = read_all(*again);
  must(found.has_value() && text_of(version(*again).value()) == "fresh", "an acknowledged change is there");
  for (const auto& [key, value] : values) {
    const auto same = found->find(key);
    must(same != found->end() && same->second == value, "a change leaves all others as they were");
  }
}

}  // namespace

void examine(const StoreOpener& open) {
  auto store = open();
  if (!store)
    return check_error(store.error(), {Errc::no_vault, Errc::tampered, Errc::unsupported, Errc::refused});
  check_head(**store);
  const bool writable = (*store)->capabilities().writable;
  auto vault = open_vault(*std::move(store));
  if (!vault) return;
  const bool clean = is_clean(*vault);
  const auto values = read_all(*vault);
  if (!clean) return;
  must(values.has_value(), "what verify() finds clean can be read");
  check_copies(*vault, *values);
  if (writable) check_changes(*vault, *values, open);
  check_memory();
}

}  // namespace tokenvault::fuzz
