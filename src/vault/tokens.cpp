// One token at a time, and the list of them.
#include <fmt/format.h>

#include <algorithm>

#include "core/mutant.hpp"
#include "format/rotation.hpp"
#include "tokenvault/time_text.hpp"
#include "vault/impl.hpp"
#include "vault/label.hpp"

namespace tokenvault {
namespace {

constexpr std::size_t kMostVersions = 100;

std::optional<Time> to_expiry(std::uint64_t stamp) {
  return stamp == 0 ? std::nullopt : std::optional(format::to_time(stamp));
}

Status check_if_version(const format::Entry& entry, const PutOptions& options) {
  if (!options.if_version) return Ok{};
  const auto* current = entry.listed() ? entry.find(Stage::current) : nullptr;
  const auto version = current != nullptr ? current->number : 0;
  if (version == *options.if_version || mutated("tokens.if_version")) return Ok{};
  return Error(Errc::conflict,
               fmt::format("token {} is at version {}, not {}", entry.name, version, *options.if_version));
}

const format::Version* pick_version(const format::Entry& entry, const Pick& pick) {
  return pick.number != 0 ? entry.find(pick.number) : entry.find(pick.stage);
}

bool is_plain_current(const Pick& pick) { return pick.number == 0 && pick.stage == Stage::current; }

}  // namespace

void step_down(format::Entry& entry) {
  for (auto& version : entry.versions) {
    if (version.stage == Stage::previous) version.stage = Stage::retired;
    if (version.stage == Stage::current) version.stage = Stage::previous;
  }
}

void trim(format::Entry& entry, Draft& draft) {
  if (entry.versions.size() <= kMostVersions) return;
  const auto rotation = format::rotation_of(entry);
  if (!rotation) return;
  const auto may_go = [&](const format::Version& version) {
    return version.stage == Stage::retired &&
           (mutated("tokens.trim_owed") ||
            std::ranges::find(rotation->obligations, version.number, &Obligation::version) ==
                rotation->obligations.end());
  };
  while (entry.versions.size() > kMostVersions) {
    const auto oldest = std::ranges::find_if(entry.versions, may_go);
    if (oldest == entry.versions.end()) return;
    draft.erase_record(oldest->record.id);
    entry.versions.erase(oldest);
  }
}

Status check_put(std::string_view name, const SecretBuffer& value, const PutOptions& options) {
  TV_CHECK(check_name(name));
  if (!mutated("tokens.empty") && value.empty()) return Error(Errc::refused, "an empty value is no token");
  if (!mutated("tokens.forked") && value.expose().empty())
    return Error(Errc::forked, "a value does not cross fork(): read it again in the child");
  if (!mutated("tokens.size") && value.size() > kMaxSecretSize)
    return Error(Errc::refused, "a token's value is at most 32 KiB");
  if (options.label && !mutated("tokens.label")) TV_CHECK(check_label(*options.label));
  if (!mutated("tokens.expiry_past") && options.expires && options.expires->time_since_epoch().count() < 1)
    return Error(Errc::invalid_argument, "an expiry lies after 1970");
  return Ok{};
}

Error no_token(std::string_view name) { return {Errc::not_found, fmt::format("no token named {}", name)}; }

Status add_version(Draft& draft, format::Entry& entry, const SecretBuffer& value, const PutOptions& options) {
  if (entry.last == ~std::uint32_t{0})
    return Error(Errc::refused, "token " + entry.name + " has no version number left");
  TV_TRY(const auto record, draft.add_record(entry.name, entry.last + 1, value));
  return place_version(draft, entry, record, options);
}

Status add_aside(Draft& draft, format::Entry& entry, const SecretBuffer& value, Stage stage) {
  if (entry.last == ~std::uint32_t{0})
    return Error(Errc::refused, "token " + entry.name + " has no version number left");
  TV_TRY(const auto record, draft.add_record(entry.name, entry.last + 1, value));
  entry.versions.push_back({++entry.last, stage, draft.now(), 0, record});
  trim(entry, draft);
  return Ok{};
}

Status place_version(Draft& draft, format::Entry& entry, const format::Pointer& record,
                     const PutOptions& options) {
  ++entry.last;
  step_down(entry);
  const auto expires =
      options.expires ? static_cast<std::uint64_t>(options.expires->time_since_epoch().count()) : 0;
  entry.versions.push_back({entry.last, Stage::current, draft.now(), expires, record});
  entry.removed = entry.destroyed = false;
  entry.set_field(format::FieldTag::suspect, {});
  if (options.label) entry.set_field(format::FieldTag::label, as_bytes(*options.label));
  entry.wake = wake_of(entry);
  trim(entry, draft);
  return Ok{};
}

TokenInfo describe(const format::Entry& entry) {
  TokenInfo info;
  info.name = entry.name;
  info.label = entry.label();
  if (const auto suspect = entry.suspect())
    info.suspect = {suspect->version, format::to_time(suspect->since)};
  if (const auto* current = entry.find(Stage::current)) {
    info.version = current->number;
    info.created = format::to_time(current->created);
    info.expires = to_expiry(current->expires);
  }
  return info;
}

Status Vault::Impl::check_expiry(std::string_view name, std::uint64_t expires, const Pick& pick) const {
  if (expires == 0 || pick.expired_ok || mutated("tokens.expired") || now() < expires) return Ok{};
  const auto when = to_rfc3339(Time(std::chrono::seconds(expires)));
  return Error(Errc::expired, fmt::format("token {} expired at {}", name, when));
}

Result<SecretBuffer> Vault::Impl::get(std::string_view name, const Pick& pick, Newness newness) {
  auto found = token(name, pick, newness);
  if (!found) return std::move(found).error();
  return std::move(found->value);
}

Result<Token> Vault::Impl::token(std::string_view name, const Pick& pick, Newness newness) {
  TV_CHECK(check_name(name));
  TV_CHECK(check_alive());
  if (is_plain_current(pick)) {
    const std::shared_lock lock(mutex_);
    if (auto found = warm(name, pick, newness)) return *std::move(found);
  }
  return read<Token>([&](NodeReader& nodes) -> Result<Token> {
    TV_TRY(const auto entry, find_entry(nodes, name));
    if (!entry || (!mutated("tokens.removed") && !entry->listed())) return no_token(name);
    return open_version(nodes, *entry, pick);
  });
}

Result<Revision> Vault::Impl::newest(Newness newness) {
  const auto told = newness == Newness::told ? store_->told() : std::nullopt;
  return told ? Result<Revision>(*told) : store_->revision();
}

/// The cached record, if nobody has committed since it was kept. Nothing where the long way is needed.
std::optional<Result<Token>> Vault::Impl::warm(std::string_view name, const Pick& pick, Newness newness) {
  const auto hot = hot_.find(name);
  if (!hot) return std::nullopt;
  const auto revision = newest(newness);
  // Who has waited for the answer in vain is not to wait for it twice.
  if (!revision && revision.error().code() == Errc::unreachable) return Result<Token>(revision.error());
  if (!mutated("tokens.revision") && (!revision || *revision != state_.revision)) return std::nullopt;
  auto value = open_hot(name, *hot, pick);
  // Two names may share a hash, and then it is the other's record, or its expiry: the long way finds out.
  if (!value) return std::nullopt;
  return Token{*std::move(value), hot->version};
}

Result<SecretBuffer> Vault::Impl::open_hot(std::string_view name, const HotRecord& hot, const Pick& pick) {
  TV_CHECK(check_expiry(name, hot.expires, pick));
  const auto* keys = state_.keys.find(hot.epoch);
  if (keys == nullptr) return Error(Errc::internal, "no key at hand for a cached record");
  return format::open_record(keys->record, state_.header.vault_id, {name, hot.epoch, hot.version}, hot.id,
                             hot.sealed);
}

Result<Token> Vault::Impl::open_version(NodeReader& nodes, const format::Entry& entry, const Pick& pick) {
  const auto* version = pick_version(entry, pick);
  if (version == nullptr)
    return Error(Errc::not_found, fmt::format("token {} has no such version", entry.name));
  TV_CHECK(check_expiry(entry.name, version->expires, pick));
  const auto& pointer = version->record;
  const bool keep = is_plain_current(pick);
  if (keep && hot_.confirm(entry.name, pointer.id, version->expires)) {
    if (auto found = warm(entry.name, pick, Newness::asked)) return *std::move(found);
  }
  TV_TRY(const auto sealed, nodes.blob(pointer));
  TV_TRY(auto value, nodes.open(entry.name, *version, sealed));
  if (keep)
    hot_.keep(entry.name, {version->expires, version->number, pointer.epoch, pointer.id.bytes, sealed});
  return Token{std::move(value), version->number};
}

Result<std::uint32_t> Vault::Impl::put(std::string_view name, const SecretBuffer& value,
                                       const PutOptions& options) {
  TV_CHECK(check_put(name, value, options));
  std::uint32_t number = 0;
  TV_CHECK(change([&](Draft& draft) -> Status {
    TV_TRY(const auto before, draft.find(name));
    auto after = before.value_or(format::Entry());
    after.name = name;
    TV_CHECK(check_if_version(after, options));
    if (!mutated("tokens.put_rotating")) TV_CHECK(need_no_rotation(after));
    TV_CHECK(add_version(draft, after, value, options));
    number = after.last;
    if (!mutated("tokens.put_drops"))
      hot_.drop(name);  // before the commit: afterwards nothing else would doubt it
    return draft.replace(before, std::move(after));
  }));
  return number;
}

namespace {

Status describe_rotation_fields(const format::Entry& entry, TokenInfo& info) {
  TV_TRY(auto policy, format::unless_newer(format::policy_of(entry)));
  if (policy) info.policy = *std::move(policy);
  TV_TRY(const auto rotation, format::unless_newer(format::rotation_of(entry)));
  if (!rotation) return Ok{};
  if (rotation->phase != Phase::idle || !rotation->obligations.empty())
    info.rotation = describe_rotation(entry.name, *rotation);
  return Ok{};
}

}  // namespace

Result<TokenInfo> Vault::Impl::info(std::string_view name) {
  TV_CHECK(check_name(name));
  return read<TokenInfo>([&](NodeReader& nodes) -> Result<TokenInfo> {
    TV_TRY(const auto entry, find_entry(nodes, name));
    if (!entry || !entry->listed()) return no_token(name);
    auto info = describe(*entry);
    for (const auto& version : entry->versions)
      info.versions.push_back(
          {version.number, version.stage, format::to_time(version.created), to_expiry(version.expires)});
    TV_CHECK(describe_rotation_fields(*entry, info));
    return info;
  });
}

Result<format::Entry> Vault::Impl::entry(std::string_view name) {
  TV_CHECK(check_name(name));
  return read<format::Entry>([&](NodeReader& nodes) -> Result<format::Entry> {
    TV_TRY(auto entry, find_entry(nodes, name));
    if (!entry || entry->destroyed) return no_token(name);
    return *std::move(entry);
  });
}

Result<std::vector<TokenInfo>> Vault::Impl::list(std::string_view prefix) {
  return read<std::vector<TokenInfo>>([&](NodeReader& nodes) -> Result<std::vector<TokenInfo>> {
    std::vector<TokenInfo> found;
    TreeVisitor visitor;
    visitor.entry = [&](const format::Entry& entry) -> Status {
      if (entry.listed() && entry.name.starts_with(prefix)) found.push_back(describe(entry));
      return Ok{};
    };
    TV_CHECK(walk_tree(nodes, visitor));
    std::ranges::sort(found, {}, &TokenInfo::name);
    return found;
  });
}

}  // namespace tokenvault
