#include "issuer/verifiers.hpp"

#include <fmt/format.h>

#include <array>

#include "core/bytes.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "issuer/entry_reader.hpp"

namespace tokenvault::issuer {
namespace {

// In the order of their names, as a database is held against it.
constexpr std::array kTables = {
    "CREATE TABLE issued (id TEXT PRIMARY KEY CHECK (length(id) = 12), lineage TEXT NOT NULL, org TEXT NOT "
    "NULL, "
    "name TEXT NOT NULL, scopes TEXT NOT NULL, digest BLOB NOT NULL CHECK (length(digest) = 32), "
    "created_at INTEGER NOT NULL, expires_at INTEGER, first_used_at INTEGER, last_used_at INTEGER, "
    "refused_at INTEGER, revoked_at INTEGER, lifetime INTEGER, predecessor TEXT REFERENCES issued (id), "
    "rotation TEXT, overlap INTEGER CHECK (overlap BETWEEN 0 AND 604800), lapses_at INTEGER, "
    "CHECK ((predecessor IS NULL) = (rotation IS NULL) AND (predecessor IS NULL) = (overlap IS NULL) AND "
    "(predecessor IS NULL) = (lapses_at IS NULL))) STRICT, WITHOUT ROWID",
    "CREATE TABLE issuer (id INTEGER PRIMARY KEY CHECK (id = 1), mark BLOB NOT NULL) STRICT",
    "CREATE INDEX newest_of_org ON issued (org, created_at DESC)",
    "CREATE INDEX of_lineage ON issued (lineage)",
    "CREATE UNIQUE INDEX one_successor ON issued (predecessor) WHERE revoked_at IS NULL",
};
constexpr sqlite::Schema kIssuerSchema{"an issuer's", 0x54564953, 1, kTables};

}  // namespace

// Of an id that is not there its neighbour is read, so that both cost the same.
const char* const Verifiers::kMatch =
    "SELECT " TV_ENTRY_COLUMNS ", NULL FROM issued i WHERE id >= ?1 ORDER BY id LIMIT 1";
#define TV_SUCCESSOR ", (SELECT s.id FROM issued s WHERE s.predecessor = i.id AND s.revoked_at IS NULL)"
const char* const Verifiers::kFind = "SELECT " TV_ENTRY_COLUMNS TV_SUCCESSOR " FROM issued i WHERE id = ?1";
const char* const Verifiers::kList = "SELECT " TV_ENTRY_COLUMNS TV_SUCCESSOR
                                     " FROM issued i WHERE org = ?1 AND (predecessor IS NULL OR revoked_at "
                                     "IS NULL OR first_used_at IS NOT NULL) "
                                     "ORDER BY created_at DESC, lineage, predecessor IS NULL, id";
#undef TV_SUCCESSOR
const char* const Verifiers::kInsert =
    "INSERT INTO issued (id, lineage, org, name, scopes, digest, created_at, expires_at, lifetime, "
    "predecessor, "
    "rotation, overlap, lapses_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, nullif(?10, ''), nullif(?11, "
    "''), "
    "?12, ?13)";
const char* const Verifiers::kUse =
    "UPDATE issued SET first_used_at = ?2, last_used_at = ?2 WHERE id = ?1 AND first_used_at IS NULL AND "
    "revoked_at IS NULL AND coalesce(expires_at > ?2, 1) AND coalesce(lapses_at > ?2, 1)";
const char* const Verifiers::kRetire =
    "UPDATE issued SET expires_at = min(coalesce(issued.expires_at, s.over), s.over) FROM "
    "(SELECT predecessor, ?2 + overlap AS over FROM issued WHERE id = ?1) AS s WHERE issued.id = "
    "s.predecessor";
const char* const Verifiers::kRevoke =
    "UPDATE issued SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1";
const char* const Verifiers::kRevokeLineage =
    "UPDATE issued SET revoked_at = coalesce(revoked_at, ?2) WHERE lineage = (SELECT lineage FROM issued "
    "WHERE id = ?1)";
const char* const Verifiers::kNoteUsed = "UPDATE issued SET last_used_at = ?2 WHERE id = ?1";
const char* const Verifiers::kNoteRefused = "UPDATE issued SET refused_at = ?2 WHERE id = ?1";
const char* const Verifiers::kMark =
    "SELECT mark, EXISTS (SELECT 1 FROM issued) FROM (SELECT 1) LEFT JOIN issuer";
const char* const Verifiers::kKeepMark = "INSERT INTO issuer (id, mark) VALUES (1, ?1)";

Result<std::unique_ptr<Verifiers>> Verifiers::open(const std::string& path) {
  StoreOptions options;
  options.create = true;
  options.lock_timeout = std::chrono::seconds(10);
  TV_TRY(auto database, sqlite::Database::open(path, options, kIssuerSchema));
  return std::unique_ptr<Verifiers>(new Verifiers(std::move(database)));
}

Status Verifiers::admit_key(const crypto::Digest& mark) {
  TV_TRY(auto change, Change::begin(*this));
  {
    auto row = mark_.on(database_->get());
    if (const int code = row.step(); code != SQLITE_ROW) return failure(code, "read");
    const auto kept = row.bytes(0, mark.size());
    const bool has_tokens = row.number(1) != 0;
    if (kept && crypto::equal(*kept, mark)) return Ok{};
    if (kept && !mutated("issuer.other_key") && kept->size() == mark.size())
      return Error(Errc::wrong_key, "cannot open the issuer: its database was made with another hash key");
    if (!mutated("issuer.mark") && (!row.is_null(0) || has_tokens))
      return tampered_entry("the mark of the hash key");
  }
  auto keep = keep_mark_.on(database_->get());
  if (const int code = keep.bind(1, std::span<const std::byte>(mark)).step(); code != SQLITE_DONE)
    return failure(code, "write to");
  return change.commit();
}

Result<std::optional<Entry>> Verifiers::match(std::string_view id, const crypto::Digest& digest) {
  auto row = match_.on(database_->get());
  const int code = row.bind(1, id).step();
  if (code == SQLITE_DONE) return std::optional<Entry>();
  if (code != SQLITE_ROW) return failure(code, "read");
  const crypto::Digest nothing{};
  const auto kept = row.bytes(kDigestColumn, digest.size());
  const bool same_digest = crypto::equal(kept.value_or(BytesView(nothing)), digest);
  const bool same_id = row.text(0) == id;
  if ((!mutated("issuer.digest") && !same_digest) || (!mutated("issuer.id") && !same_id))
    return std::optional<Entry>();
  TV_TRY(auto entry, read_entry(row));
  return std::optional(std::move(entry));
}

Result<std::optional<Entry>> Verifiers::find(std::string_view id) {
  auto row = find_.on(database_->get());
  const int code = row.bind(1, id).step();
  if (code == SQLITE_DONE) return std::optional<Entry>();
  if (code != SQLITE_ROW) return failure(code, "read");
  TV_TRY(auto entry, read_entry(row));
  return std::optional(std::move(entry));
}

Result<std::vector<Entry>> Verifiers::list(std::string_view org) {
  std::vector<Entry> entries;
  auto row = list_.on(database_->get());
  row.bind(1, org);
  int code = row.step();
  for (; code == SQLITE_ROW; code = row.step()) {
    TV_TRY(auto entry, read_entry(row));
    entries.push_back(std::move(entry));
  }
  if (code != SQLITE_DONE) return failure(code, "read");
  return entries;
}

Status Verifiers::run(sqlite::Statement& statement) {
  auto run = statement.on(database_->get());
  const int code = run.step();
  if (code != SQLITE_DONE) return failure(code, "write to");
  return Ok{};
}

Result<Verifiers::Change> Verifiers::Change::begin(Verifiers& verifiers) {
  TV_CHECK(verifiers.database_->prepare_to_write());
  TV_CHECK(verifiers.run(verifiers.begin_));
  Change change(verifiers);
  if (!mutated("issuer.moved") && !verifiers.database_->in_place())
    return Error(Errc::io,
                 "cannot write to the issuer's database: its file was moved or replaced; open it again");
  return change;
}

Verifiers::Change::~Change() {
  // An error may have ended the transaction by itself.
  if (verifiers_ != nullptr && sqlite3_get_autocommit(verifiers_->database_->get()) == 0)
    static_cast<void>(verifiers_->run(verifiers_->rollback_));
}

Status Verifiers::Change::commit() { return verifiers_->run(verifiers_->commit_); }

Status Verifiers::insert(const Entry& entry, const crypto::Digest& digest,
                         std::optional<std::chrono::seconds> overlap) {
  const auto& grant = entry.row.grant;
  const auto count = [](const auto& span) {
    return span ? std::optional<std::int64_t>(span->count()) : std::nullopt;
  };
  auto row = insert_.on(database_->get());
  row.bind(1, std::string_view(grant.id)).bind(2, std::string_view(grant.lineage));
  row.bind(3, std::string_view(grant.org)).bind(4, std::string_view(grant.name));
  row.bind(5, std::string_view(grant.scopes)).bind(6, BytesView(digest));
  row.bind(7, std::int64_t{entry.row.created.time_since_epoch().count()}).bind(8, stored(grant.expires));
  row.bind(9, count(entry.lifetime)).bind(10, std::string_view(entry.row.predecessor));
  row.bind(11, std::string_view(entry.rotation)).bind(12, count(overlap)).bind(13, stored(entry.lapses));
  if (const int code = row.step(); code != SQLITE_DONE) return failure(code, "write to");
  return Ok{};
}

Result<bool> Verifiers::change(sqlite::Statement& statement, std::string_view id, std::optional<Time> now) {
  auto row = statement.on(database_->get());
  const int code = row.bind(1, id).bind(2, stored(now)).step();
  if (code != SQLITE_DONE) return failure(code, "write to");
  return sqlite3_changes(database_->get()) > 0;
}

Result<bool> Verifiers::use_first(std::string_view id, Time now) {
  TV_TRY(const bool first, change(use_, id, now));
  if (first && !mutated("issuer.retires")) TV_CHECK(change(retire_, id, now));
  return first;
}

Result<bool> Verifiers::revoke(std::string_view id, Time now) { return change(revoke_, id, now); }

Result<bool> Verifiers::revoke_lineage(std::string_view id, Time now) {
  return change(revoke_lineage_, id, now);
}

Status Verifiers::note(const Sightings& seen) {
  for (const auto& [id, when] : seen.used) TV_CHECK(change(note_used_, id, when));
  for (const auto& [id, when] : seen.refused) TV_CHECK(change(note_refused_, id, when));
  return Ok{};
}

void Verifiers::be_patient(bool patient) noexcept {
  database_->wait_for_locks(patient);
  sqlite3_exec(database_->get(), patient ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
               nullptr, nullptr, nullptr);
}

}  // namespace tokenvault::issuer
