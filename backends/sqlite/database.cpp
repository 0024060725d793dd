#include "sqlite/database.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>

#include "core/file.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "sqlite/database_file.hpp"
#include "sqlite/statement.hpp"

namespace tokenvault::sqlite {
namespace {

/// As much as sqlite3_busy_timeout() takes.
constexpr std::chrono::milliseconds kLongestTimeout{INT_MAX};

/// Switches that cost no read of the file. Whoever can write it can plant triggers and views: they
/// never run here.
void harden(sqlite3* handle) {
  sqlite3_extended_result_codes(handle, 1);
  if (!mutated("sqlite.defensive")) sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (!mutated("sqlite.schema_trusted"))
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (!mutated("sqlite.triggers")) sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  if (!mutated("sqlite.views")) sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_exec(handle, "PRAGMA cell_size_check = ON", nullptr, nullptr, nullptr);
  if (!mutated("sqlite.length")) sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kMaxRootSize + 1024);
  // The log and its index stay when the last process leaves: making and deleting them at each start
  // costs a tenth of a millisecond and the right to write the folder.
  int persist = 1;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
}

Status make_database(const std::string& path, const Schema& schema) {
  TV_TRY(const auto image, empty_database(schema));
  return make_file(path, std::as_bytes(std::span(image.bytes.get(), image.size)));
}

Result<std::string> locate(const std::string& path, bool create, const Schema& schema) {
  TV_CHECK(admit_name(path));
  if (create)
    TV_CHECK(make_folders(path.substr(0, path.rfind('/') == std::string::npos ? 0 : path.rfind('/'))));
  TV_TRY(auto place, resolve(path));
  auto admitted =
      mutated("sqlite.admitted") && ::access(place.c_str(), F_OK) == 0 ? Status(Ok{}) : admit_files(place);
  if (!admitted && admitted.error().code() == Errc::no_vault && create) {
    TV_CHECK(make_database(place, schema));
    admitted = admit_files(place);
  }
  if (!admitted) return std::move(admitted).error();
  return place;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const StoreOptions& options,
                                                 const Schema& schema) {
  TV_CHECK(leave_inherited());
  // SQLite does that too, but only once it has had the database under one of them.
  TV_CHECK(fill_standard_descriptors());
  TV_TRY(const auto place, locate(path, options.create, schema));
  auto connection = make_connection();
  const std::lock_guard at_it(connection->mutex);
  constexpr int kFlags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  const int code = sqlite3_open_v2(place.c_str(), &connection->handle, kFlags, nullptr);
  auto* const handle = connection->handle;
  std::unique_ptr<Database> database(new Database(connection));
  if (code != SQLITE_OK) return to_error(handle, sqlite3_extended_errcode(handle), "open");
  connection->index.demand(handle);
  harden(handle);
  database->lock_timeout_ = std::clamp(options.lock_timeout, std::chrono::milliseconds(0), kLongestTimeout);
  database->wait_for_locks(true);
  if (!mutated("sqlite.schema")) TV_CHECK(admit_schema(handle, schema));
  database->beside_ = database->beside();
  database->writable_ = sqlite3_db_readonly(handle, "main") == 0;
  return database;
}

Database::Database(std::shared_ptr<Connection> connection) noexcept : connection_(std::move(connection)) {}

Database::~Database() {
  // In a forked child even closing would roll back the parent's transaction, in the index both map.
  if (!is_ours() && !mutated("sqlite.fork_close")) return;
  const std::lock_guard at_it(connection_->mutex);
  // The last connection to leave moves the log into the database and empties it, even if it only read
  // and a killed writer left the log. Leaving it for later would save a writer half a millisecond, and
  // cost every start the replay of the log, up to half a millisecond too; and starts that read are
  // the common case. So the database file alone is the whole vault whenever nobody has it open.
  if (writable()) sqlite3_exec(get(), "PRAGMA journal_size_limit = 0", nullptr, nullptr, nullptr);
  end_connection(connection_);
}

void Database::wait_for_locks(bool wait) noexcept {
  sqlite3_busy_timeout(get(), wait ? static_cast<int>(lock_timeout_.count()) : 0);
}

Status Database::prepare_to_write() {
  if (prepared_) return Ok{};
  Statement mode("PRAGMA journal_mode = WAL");
  auto run = mode.on(get());
  const int code = run.step();
  if (code != SQLITE_ROW) return to_error(get(), code, "write to");
  if (run.text(0) != "wal")
    return Error(Errc::io,
                 fmt::format("cannot write to {}: the file system cannot share memory, as WAL needs",
                             sqlite3_db_filename(get(), "main")));
  // NORMAL would lose acknowledged commits on power loss.
  // A log of 16 MiB at most, which one region of the index covers: the pages that every commit writes
  // reach the database a quarter as often as with SQLite's own 1000.
  constexpr const char* kPragmas =
      "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000;";
  if (sqlite3_exec(get(), kPragmas, nullptr, nullptr, nullptr) != SQLITE_OK)
    return to_error(get(), sqlite3_extended_errcode(get()), "write to");
  if (mutated("sqlite.sync")) sqlite3_exec(get(), "PRAGMA synchronous = NORMAL", nullptr, nullptr, nullptr);
  if (mutated("sqlite.secure_delete"))
    sqlite3_exec(get(), "PRAGMA secure_delete = OFF", nullptr, nullptr, nullptr);
  prepared_ = true;
  return Ok{};
}

bool Database::in_place() {
  int moved = 0;
  if (!mutated("sqlite.moved") &&
      sqlite3_file_control(get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0)
    return false;
  const Beside now = beside();
  // A database that was not in WAL mode when it was opened got its log later.
  for (std::size_t i = 0; i < now.size(); ++i)
    if (beside_[i] == Place{}) beside_[i] = now[i];
  return mutated("sqlite.moved_beside") || now == beside_;
}

Database::Beside Database::beside() const {
  const char* path = sqlite3_db_filename(get(), "main");
  const auto place_of = [](const char* name) {
    struct stat seen {};
    return ::stat(name, &seen) == 0 ? Place{seen.st_dev, seen.st_ino} : Place{};
  };
  return {place_of(sqlite3_filename_wal(path)), place_of((std::string(path) + "-shm").c_str())};
}

}  // namespace tokenvault::sqlite
