#include "issuer/entry_reader.hpp"

#include <fmt/format.h>

#include "core/mutant.hpp"
#include "core/utf8.hpp"
#include "tokenvault/token_format.hpp"

namespace tokenvault::issuer {
namespace {

constexpr std::size_t kLongestText = 400;

/// Reads the columns in order; the first wrong one makes it fail for good.
class RowReader {
 public:
  explicit RowReader(const sqlite::Statement::Run& row) noexcept : row_(row) {}

  std::string id() { return text_of(TokenFormat::kIdSize, TokenFormat::kIdSize); }
  std::string text() { return text_of(0, kLongestText); }
  std::string text_or_none() { return skip_null() ? std::string() : text(); }
  std::string id_or_none() { return skip_null() ? std::string() : id(); }
  std::optional<std::chrono::seconds> span() {
    if (skip_null()) return std::nullopt;
    const auto count = row_.number(column_++).value_or(-1);
    if (count < 0 || count > kLatest.time_since_epoch().count()) failed_ = true;
    return std::chrono::seconds(failed_ ? 0 : count);
  }
  std::optional<Time> time() {
    const auto since = span();
    return since ? std::optional(Time(*since)) : std::nullopt;
  }
  Time certain_time() {
    const auto found = time();
    if (!found) failed_ = true;
    return found.value_or(Time());
  }
  void skip() noexcept { ++column_; }
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  bool skip_null() noexcept {
    if (!row_.is_null(column_)) return false;
    ++column_;
    return true;
  }
  std::string text_of(std::size_t least, std::size_t most) {
    const auto text = row_.text(column_++, most);
    if (!text || text->size() < least || !is_plain_text(*text)) failed_ = true;
    return std::string(text.value_or(""));
  }

  const sqlite::Statement::Run& row_;
  int column_ = 0;
  bool failed_ = false;
};

}  // namespace

Result<Entry> read_entry(const sqlite::Statement::Run& row) {
  RowReader reader(row);
  Entry entry;
  auto& grant = entry.row.grant;
  grant.id = reader.id();
  grant.lineage = reader.id();
  grant.org = reader.text();
  grant.name = reader.text();
  grant.scopes = reader.text();
  reader.skip();  // the digest
  entry.row.created = reader.certain_time();
  grant.expires = reader.time();
  entry.row.first_used = reader.time();
  entry.row.last_used = reader.time();
  entry.row.refused = reader.time();
  entry.row.revoked = reader.time();
  entry.lifetime = reader.span();
  entry.row.predecessor = reader.id_or_none();
  entry.rotation = reader.text_or_none();
  entry.lapses = reader.time();
  entry.row.successor = reader.id_or_none();
  if (!mutated("issuer.row") && reader.failed()) return tampered_entry("a token's row");
  return entry;
}

std::optional<std::int64_t> stored(std::optional<Time> time) noexcept {
  return time ? std::optional<std::int64_t>(time->time_since_epoch().count()) : std::nullopt;
}

Error tampered_entry(std::string_view what) {
  return Error(
      Errc::tampered,
      fmt::format(
          "cannot read the issuer's database: {} is not what an issuer writes; restore it from a backup",
          what));
}

}  // namespace tokenvault::issuer
