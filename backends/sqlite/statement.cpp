#include "sqlite/statement.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "core/mutant.hpp"

namespace tokenvault::sqlite {
namespace {

Errc classify_open(int code, int os_error) noexcept {
  if (code == SQLITE_CANTOPEN_SYMLINK || os_error == ELOOP) return Errc::refused;
  const bool denied = os_error == EACCES || os_error == EPERM || os_error == EROFS;
  return denied ? Errc::permission_denied : Errc::io;
}

Errc classify(int code, int os_error) noexcept {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return Errc::unavailable;
    case SQLITE_PERM:
    case SQLITE_AUTH: return Errc::permission_denied;
    case SQLITE_READONLY: return code == SQLITE_READONLY ? Errc::read_only : Errc::permission_denied;
    case SQLITE_CANTOPEN: return classify_open(code, os_error);
    case SQLITE_NOMEM: return Errc::out_of_memory;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_TOOBIG:
    case SQLITE_SCHEMA:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_ERROR: return Errc::tampered;  // our SQL is fixed: an error in it means another schema
    case SQLITE_MISUSE:
    case SQLITE_INTERNAL: return Errc::internal;
    default: return Errc::io;
  }
}

/// What SQLite answers where only a writer could go on: the log's index is torn, or none of the marks in it serves
/// a reader that cannot set one.
bool needs_writer(int code) noexcept {
  return code == SQLITE_READONLY_RECOVERY || code == SQLITE_READONLY_CANTINIT ||
         code == SQLITE_READONLY_CANTLOCK;
}

std::string_view next_step(int code) noexcept {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return "another process holds the lock; try again";
    case SQLITE_READONLY:
      return needs_writer(code)
                 ? "a writer died in the midst of a change: whoever may write has to open it first"
                 : sqlite3_errstr(code);
    case SQLITE_FULL: return "the disk is full; nothing was changed";
    case SQLITE_NOTADB: return "this file is not a database; restore it from a backup";
    case SQLITE_CANTOPEN: return "cannot open its files; check the permissions of the folder";
    default: return sqlite3_errstr(code);
  }
}

/// A reader without the right to write meets that too while a writer is at work: SQLite looks for the writer's lock
/// only after it saw the index half changed, and the writer may be done by then. Looking again settles that; where
/// the writer has died, nothing does.
template <typename F>
int look_again(F&& look) noexcept {
  constexpr int kTries = 64, kAtOnce = 8;
  int code = look();
  for (int i = 1; i < kTries && needs_writer(code); ++i) {
    if (i >= kAtOnce) sqlite3_sleep(1);
    code = look();
  }
  return code;
}

}  // namespace

Error to_error(sqlite3* database, int code, std::string_view action) {
  const char* path = database == nullptr ? nullptr : sqlite3_db_filename(database, "main");
  const int family = code & 0xff;
  const int os_error =
      family == SQLITE_IOERR || family == SQLITE_CANTOPEN ? sqlite3_system_errno(database) : 0;
  return Error(
      classify(code, os_error),
      fmt::format("cannot {} {}: {}", action, path == nullptr ? "the database" : path, next_step(code)),
      os_error);
}

/// In a forked child the connection is the parent's: see ~Database().
Statement::~Statement() {
  if (handle_ != nullptr && (mutated("sqlite.fork_finalize") || ::getpid() == owner_))
    sqlite3_finalize(handle_);
}

Statement::Run Statement::on(sqlite3* database) noexcept {
  int code = SQLITE_OK;
  if (handle_ == nullptr) {
    code = look_again([&] {
      const int ended = sqlite3_prepare_v3(database, sql_, -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
      return ended == SQLITE_OK ? ended : sqlite3_extended_errcode(database);
    });
    owner_ = ::getpid();
  }
  return Run(database, handle_, code);
}

Statement::Run& Statement::Run::bind(int index, BytesView bytes) noexcept {
  if (code_ == SQLITE_OK)
    code_ = sqlite3_bind_blob(handle_, index, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  return *this;
}

Statement::Run& Statement::Run::bind(int index, std::string_view text) noexcept {
  const char* data = text.data() == nullptr ? "" : text.data();  // a null pointer would bind NULL
  if (code_ == SQLITE_OK)
    code_ = sqlite3_bind_text(handle_, index, data, static_cast<int>(text.size()), SQLITE_STATIC);
  return *this;
}

Statement::Run& Statement::Run::bind(int index, std::optional<std::int64_t> number) noexcept {
  if (number) return bind(index, *number);
  if (code_ == SQLITE_OK) code_ = sqlite3_bind_null(handle_, index);
  return *this;
}

Statement::Run& Statement::Run::bind(int index, std::int64_t number) noexcept {
  if (code_ == SQLITE_OK) code_ = sqlite3_bind_int64(handle_, index, number);
  return *this;
}

int Statement::Run::step() noexcept {
  if (code_ != SQLITE_OK) return code_;
  return look_again([this] {
    const int code = sqlite3_step(handle_);
    return code == SQLITE_ROW || code == SQLITE_DONE ? code : sqlite3_extended_errcode(database_);
  });
}

std::optional<std::int64_t> Statement::Run::number(int column) const noexcept {
  if (sqlite3_column_type(handle_, column) != SQLITE_INTEGER) return std::nullopt;
  return sqlite3_column_int64(handle_, column);
}

std::optional<BytesView> Statement::Run::bytes(int column, std::size_t limit) const noexcept {
  if (sqlite3_column_type(handle_, column) != SQLITE_BLOB) return std::nullopt;
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_, column));
  const void* data = sqlite3_column_blob(handle_, column);
  if (data == nullptr || (!mutated("sqlite.blob_limit") && (size == 0 || size > limit))) return std::nullopt;
  return BytesView(static_cast<const std::byte*>(data), size);
}

std::optional<std::string_view> Statement::Run::text(int column, std::size_t limit) const noexcept {
  if (sqlite3_column_type(handle_, column) != SQLITE_TEXT) return std::nullopt;
  const auto all = text(column);
  if (all.size() > limit) return std::nullopt;
  return all;
}

bool Statement::Run::is_null(int column) const noexcept {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::string_view Statement::Run::text(int column) const noexcept {
  const auto* text = sqlite3_column_text(handle_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

}  // namespace tokenvault::sqlite
