// What happens to a token after it was put: back to an older value, away, back again, gone for good.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/mutant.hpp"
#include "vault/impl.hpp"

namespace tokenvault {
namespace {

Status need_listed(const format::Entry& entry) {
  return entry.listed() ? Status(Ok{}) : Status(no_token(entry.name));
}

}  // namespace

format::Entry destroyed(format::Entry entry) {
  entry.versions.clear();
  entry.fields.clear();
  entry.removed = false;
  entry.destroyed = true;
  entry.wake = format::kNever;
  return entry;
}

Status Vault::Impl::change_entry(std::string_view name,
                                 const std::function<Status(Draft&, format::Entry&)>& body) {
  TV_CHECK(check_name(name));
  return change([&](Draft& draft) -> Status {
    TV_TRY(const auto before, draft.find(name));
    if (!before) return no_token(name);
    auto after = *before;
    TV_CHECK(body(draft, after));
    after.wake = wake_of(after);
    if (!mutated("lifecycle.change_drops"))
      hot_.drop(name);  // before the commit: afterwards nothing else would doubt it
    return draft.replace(before, std::move(after));
  });
}

Result<std::uint32_t> Vault::Impl::rollback(std::string_view name, std::uint32_t to) {
  std::uint32_t number = 0;
  TV_CHECK(change_entry(name, [&](Draft& draft, format::Entry& entry) -> Status {
    TV_CHECK(need_listed(entry));
    if (!mutated("lifecycle.rollback_rotating")) TV_CHECK(need_no_rotation(entry));
    const auto* version = entry.find(to);
    if (version == nullptr)
      return Error(Errc::not_found, fmt::format("token {} has no version {}", name, to));
    TV_TRY(const auto value, draft.value_of(name, *version));
    TV_CHECK(add_version(draft, entry, value, {}));
    number = entry.last;
    return Ok{};
  }));
  return number;
}

Status Vault::Impl::erase(std::string_view name) {
  return change_entry(name, [&](Draft&, format::Entry& entry) -> Status {
    TV_CHECK(need_listed(entry));
    entry.removed = true;
    return Ok{};
  });
}

Status Vault::Impl::undelete(std::string_view name) {
  return change_entry(name, [&](Draft&, format::Entry& entry) -> Status {
    if (entry.destroyed) return no_token(name);
    if (!entry.removed) return Error(Errc::conflict, fmt::format("token {} is not removed", name));
    entry.removed = false;
    return Ok{};
  });
}

Status Vault::Impl::destroy(std::string_view name) {
  return change_entry(name, [&](Draft& draft, format::Entry& entry) -> Status {
    if (entry.destroyed) return no_token(name);
    if (!mutated("lifecycle.destroy_owed")) TV_CHECK(need_no_obligation(entry));
    if (!mutated("lifecycle.destroy_erases"))
      for (const auto& version : entry.versions) draft.erase_record(version.record.id);
    entry = tokenvault::destroyed(std::move(entry));
    return Ok{};
  });
}

/// Clients that are told 401 in a crowd come here together: what is marked already costs no commit.
Status Vault::Impl::mark_suspect(std::string_view name, std::uint32_t version) {
  TV_TRY(const auto token, info(name));
  if (token.version != version || token.suspect) return Ok{};
  return change_entry(name, [&](Draft& draft, format::Entry& entry) -> Status {
    TV_CHECK(need_listed(entry));
    const auto* current = entry.find(Stage::current);
    if (current != nullptr && current->number == version) entry.set_suspect({version, draft.now()});
    return Ok{};
  });
}

Result<std::vector<format::Entry>> Vault::Impl::waking(Time until) {
  const auto limit = static_cast<std::uint64_t>(std::max<std::int64_t>(until.time_since_epoch().count(), 0));
  return read<std::vector<format::Entry>>([&](NodeReader& nodes) -> Result<std::vector<format::Entry>> {
    std::vector<format::Entry> found;
    TreeVisitor visitor;
    visitor.enter = [&](const format::Child& child) { return child.wake <= limit; };
    visitor.entry = [&](const format::Entry& entry) -> Status {
      if (entry.wake <= limit) found.push_back(entry);
      return Ok{};
    };
    TV_CHECK(walk_tree(nodes, visitor));
    return found;
  });
}

Result<std::vector<TokenInfo>> Vault::Impl::expiring(Time until) {
  TV_TRY(const auto entries, waking(until));
  std::vector<TokenInfo> due;
  for (const auto& entry : entries) {
    auto info = describe(entry);
    if (entry.listed() && info.expires && *info.expires <= until) due.push_back(std::move(info));
  }
  std::ranges::sort(due, [](const TokenInfo& a, const TokenInfo& b) {
    return std::tie(*a.expires, a.name) < std::tie(*b.expires, b.name);
  });
  return due;
}

}  // namespace tokenvault
