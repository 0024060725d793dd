#pragma once
#include <sqlite3.h>

#include <memory>
#include <string>

#include "tokenvault/backends.hpp"

namespace tokenvault::sqlite {

/// One connection to a database that passed every check of its files and schema. Not thread-safe.
class Database {
 public:
  /// Errors: as open_sqlite_store().
  static Result<std::unique_ptr<Database>> open(const std::string& path, const StoreOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] sqlite3* get() const noexcept { return handle_; }
  [[nodiscard]] bool writable() const noexcept { return writable_; }

  /// Makes commits durable and deletions thorough; done before the first write, since readers need
  /// none of it. Errors: io (the file system cannot do WAL), unavailable.
  Status prepare_to_write();

  /// False once another file, or none, is at the path: a commit here would reach nobody.
  [[nodiscard]] bool in_place() const noexcept;

 private:
  explicit Database(sqlite3* handle) noexcept : handle_(handle) {}

  sqlite3* handle_;
  bool writable_ = false;
  bool prepared_ = false;
};

}  // namespace tokenvault::sqlite
