// Many tokens in one commit.
#include <fmt/format.h>

#include <set>

#include "crypto/random.hpp"
#include "format/record.hpp"
#include "vault/impl.hpp"
#include "vault/label.hpp"

namespace tokenvault {
namespace {

/// What was drawn from the caller and waits for its commit: sealed under a key of this object's own, since
/// version and epoch are not known before the vault is looked at, and may change when another writer wins.
class Intake {
 public:
  explicit Intake(SecretBuffer key) : key_(std::move(key)) {}

  static Result<Intake> make() {
    TV_TRY(auto key, SecretBuffer::allocate(32));
    crypto::random_fill(key.expose_writable());
    return Intake(std::move(key));
  }

  Status draw(const TokenSource& next) {
    for (;;) {
      TV_TRY(const auto token, next());
      if (!token) return Ok{};
      TV_CHECK(check_put(token->name, token->value, {token->expires, token->label, {}}));
      if (!names_.insert(token->name).second)
        return Error(Errc::invalid_argument, fmt::format("token {} is given twice", token->name));
      auto sealed = format::seal_record(key_, {}, {token->name, 0, 0}, token->value);
      items_.push_back({token->name, {token->expires, token->label, {}}, std::move(sealed.blob)});
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
    Blob sealed;
  };

  Status store(Draft& draft, const Item& item, Existing existing, ImportReport& report) const {
    TV_TRY(const auto before, draft.find(item.name));
    const bool listed = before && before->listed();
    if (listed && existing == Existing::refuse)
      return Error(Errc::already_exists, fmt::format("token {} is there already", item.name));
    if (listed && existing == Existing::skip) {
      ++report.skipped;
      return Ok{};
    }
    auto after = before.value_or(format::Entry());
    after.name = item.name;
    TV_TRY(const auto value,
           format::open_record(key_, {}, {item.name, 0, 0}, item.sealed.id.bytes, item.sealed.bytes));
    TV_CHECK(add_version(draft, after, value, item.options));
    ++(listed ? report.replaced : report.added);
    return draft.replace(before, std::move(after));
  }

  SecretBuffer key_;
  std::vector<Item> items_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace

Result<ImportReport> Vault::Impl::put_all(const TokenSource& next, Existing existing) {
  TV_CHECK(check_alive());
  TV_TRY(auto intake, Intake::make());
  TV_CHECK(intake.draw(next));
  ImportReport report;
  TV_CHECK(change([&](Draft& draft) -> Status {
    TV_TRY(report, intake.store(draft, existing));
    if (report.added + report.replaced == 0) draft.give_up();
    hot_.forget();  // before the commit: afterwards nothing else would doubt what was replaced
    return Ok{};
  }));
  return report;
}

}  // namespace tokenvault
