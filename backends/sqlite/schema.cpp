#include "sqlite/schema.hpp"

#include <fmt/format.h>

#include <array>
#include <string>

#include "core/mutant.hpp"
#include "core/try.hpp"
#include "sqlite/statement.hpp"

namespace tokenvault::sqlite {
namespace {

// blobs keeps a rowid: new blobs share the last page of the table, and only the index of ids is hit
// at random. Without one, rows of this size leave four to a page and each put splits pages at random:
// 18 pages written per commit instead of 13 at 100,000 tokens, and twice the file.
constexpr const char* kRoot =
    "CREATE TABLE root (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, bytes BLOB NOT "
    "NULL)";
constexpr const char* kBlobs = "CREATE TABLE blobs (id BLOB PRIMARY KEY NOT NULL, bytes BLOB NOT NULL)";
constexpr std::array kStoreTables = {kBlobs, kRoot};

/// What anybody else put into the schema: a view or virtual table under our names, an index or column
/// computed by functions. None of it may run. Statistics and automatic indices are SQLite's own.
constexpr const char* kSchema =
    "SELECT sql FROM sqlite_schema WHERE sql NOT NULL AND name NOT GLOB 'sqlite_stat[1-4]' ORDER BY name";

// File format bytes 18 and 19 (sqlite.org/fileformat.html, 1.3.3): 2 is WAL, which a database in
// memory cannot be switched to.
constexpr std::size_t kWriteVersion = 18;
constexpr std::size_t kReadVersion = 19;

Error not_ours(sqlite3* database, const Schema& schema) {
  return Error(Errc::tampered, fmt::format("{} is not {} but some other database",
                                           sqlite3_db_filename(database, "main"), schema.noun));
}

Result<std::int64_t> header_number(sqlite3* database, const char* sql) {
  Statement statement(sql);
  auto run = statement.on(database);
  const int code = run.step();
  if (code != SQLITE_ROW) return to_error(database, code, "open");
  return run.number(0).value_or(0);
}

Status admit_tables(sqlite3* database, const Schema& schema) {
  Statement statement(kSchema);
  auto run = statement.on(database);
  for (const std::string_view table : schema.statements) {
    const int code = run.step();
    if (code != SQLITE_ROW && code != SQLITE_DONE) return to_error(database, code, "open");
    if (code == SQLITE_DONE || (!mutated("schema.tables") && run.text(0) != table))
      return not_ours(database, schema);
  }
  const int code = run.step();
  if (!mutated("schema.more") && code == SQLITE_ROW) return not_ours(database, schema);
  if (code != SQLITE_DONE) return to_error(database, code, "open");
  return Ok{};
}

std::string pragmas(const Schema& schema) {
  return fmt::format("PRAGMA page_size = 4096; PRAGMA application_id = {}; PRAGMA user_version = {}",
                     schema.application_id, schema.user_version);
}

}  // namespace

constexpr Schema kStoreSchema{"a vault", 0x54564C54, 1, kStoreTables};

Result<Image> empty_database(const Schema& schema) {
  sqlite3* database = nullptr;
  const int opened =
      sqlite3_open_v2(":memory:", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> owner(database, &sqlite3_close);
  int code = opened;
  if (code == SQLITE_OK) code = sqlite3_exec(database, pragmas(schema).c_str(), nullptr, nullptr, nullptr);
  for (const char* sql : schema.statements)
    if (code == SQLITE_OK) code = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    return to_error(database, sqlite3_extended_errcode(database), "prepare a new database in");
  sqlite3_int64 size = 0;
  Image image;
  image.bytes.reset(sqlite3_serialize(database, "main", &size, 0));
  if (!image.bytes) return Error(Errc::out_of_memory, "cannot prepare a new database: no memory");
  image.size = static_cast<std::size_t>(size);
  image.bytes.get()[kWriteVersion] = image.bytes.get()[kReadVersion] = 2;
  return image;
}

Status admit_schema(sqlite3* database, const Schema& schema) {
  TV_TRY(const auto application, header_number(database, "PRAGMA application_id"));
  TV_TRY(const auto version, header_number(database, "PRAGMA user_version"));
  const char* path = sqlite3_db_filename(database, "main");
  if (!mutated("schema.application") && application != schema.application_id)
    return not_ours(database, schema);
  if (!mutated("schema.newer") && version > schema.user_version)
    return Error(Errc::unsupported,
                 fmt::format("{} has database version {}, this program knows {}: use a newer one", path,
                             version, schema.user_version));
  if (!mutated("schema.version") && version != schema.user_version)
    return Error(Errc::tampered, fmt::format("{} has no valid database version", path));
  return admit_tables(database, schema);
}

}  // namespace tokenvault::sqlite
