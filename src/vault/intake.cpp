// Many tokens in one commit.
#include <fmt/format.h>

#include <functional>
#include <unordered_set>

#include "core/mutant.hpp"
#include "format/record.hpp"
#include "vault/impl.hpp"
#include "vault/label.hpp"

namespace tokenvault {
namespace {

using Seal = std::function<Result<format::SealedBlob>(std::string_view name, const SecretBuffer& value)>;

/// What was drawn from the caller and waits for its commit, sealed as the first version of its name in the
/// epoch of that moment. Where it turns out to be a later version, or another writer has begun an epoch, it
/// is opened and sealed again.
class Intake {
 public:
  Status draw(const TokenSource& next, const Seal& seal) {
    for (;;) {
      TV_TRY(const auto token, next());
      if (!token) return Ok{};
      const PutOptions options{token->expires, token->label, {}};
      if (!mutated("intake.checked")) TV_CHECK(check_put(token->name, token->value, options));
      if (!names_.insert(token->name).second && !mutated("intake.twice"))
        return Error(Errc::invalid_argument, fmt::format("token {} is given twice", token->name));
      TV_TRY(auto sealed, seal(token->name, token->value));
      items_.push_back({token->name, options, std::move(sealed)});
    }
  }

  Result<ImportReport> store(Draft& draft, Existing existing) const {
    ImportReport report;
    for (const auto& item : items_) TV_CHECK(store(draft, item, existing, report));
    return report;
  }

 private:
  struct Item {
    std::string name;
    PutOptions options;
    format::SealedBlob sealed;
  };

  Status store(Draft& draft, const Item& item, Existing existing, ImportReport& report) const {
    TV_TRY(const auto before, draft.find(item.name));
    const bool listed = before && before->listed();
    if (!mutated("intake.exists") && listed && existing == Existing::refuse)
      return Error(Errc::already_exists, fmt::format("token {} is there already", item.name));
    if (listed && existing == Existing::skip) {
      ++report.skipped;
      return Ok{};
    }
    auto after = before.value_or(format::Entry());
    after.name = item.name;
    if (!mutated("intake.rotating")) TV_CHECK(need_no_rotation(after));
    TV_CHECK(add(draft, after, item));
    ++(listed ? report.replaced : report.added);
    return draft.replace(before, std::move(after));
  }

  static Status add(Draft& draft, format::Entry& entry, const Item& item) {
    const auto& pointer = item.sealed.pointer;
    if (entry.last == 0 && pointer.epoch == draft.next_scope().epoch) {
      draft.add_blob(item.sealed.blob);
      return place_version(draft, entry, pointer, item.options);
    }
    TV_TRY(const auto value, draft.open(item.name, {.number = 1, .record = pointer}, item.sealed.blob.bytes));
    return add_version(draft, entry, value, item.options);
  }

  std::vector<Item> items_;
  std::unordered_set<std::string> names_;
};

}  // namespace

Result<format::SealedBlob> Vault::Impl::seal_first(std::string_view name, const SecretBuffer& value) {
  const std::shared_lock lock(mutex_);
  const auto* keys = state_.keys.find(state_.keys.epoch());
  return format::seal_record(keys->record, state_.header.vault_id, {name, keys->epoch, 1}, value);
}

Result<ImportReport> Vault::Impl::put_all(const TokenSource& next, Existing existing) {
  TV_CHECK(check_alive());
  Intake intake;
  TV_CHECK(intake.draw(
      next, [this](std::string_view name, const SecretBuffer& value) { return seal_first(name, value); }));
  ImportReport report;
  TV_CHECK(change([&](Draft& draft) -> Status {
    TV_TRY(report, intake.store(draft, existing));
    if (report.added + report.replaced == 0) draft.give_up();
    if (!mutated("intake.drops"))
      hot_.forget();  // before the commit: afterwards nothing else would doubt what was replaced
    return Ok{};
  }));
  return report;
}

}  // namespace tokenvault
