#pragma once
#include <sqlite3.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "tokenvault/store.hpp"

namespace tokenvault::sqlite {

/// What an SQLite result code means to a caller of ours. `action` begins the message.
Error to_error(sqlite3* database, int code, std::string_view action);

/// A prepared statement that is compiled at its first use: a process that reads one token must not
/// pay for the others. `sql` is a literal.
class Statement {
 public:
  explicit Statement(const char* sql) noexcept : sql_(sql) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// One execution; ends (and gives its locks back) with this object.
  class Run {
   public:
    Run(sqlite3* database, sqlite3_stmt* handle, int code) noexcept
        : database_(database), handle_(handle), code_(code) {}
    Run(Run&& other) noexcept : database_(other.database_), handle_(other.handle_), code_(other.code_) {
      other.handle_ = nullptr;
    }
    Run& operator=(Run&&) = delete;
    ~Run() { sqlite3_reset(handle_); }

    /// Bound bytes must live until the last step.
    Run& bind(int index, BytesView bytes) noexcept;
    Run& bind(int index, std::string_view text) noexcept;
    Run& bind(int index, std::int64_t number) noexcept;
    Run& bind(int index, std::optional<std::int64_t> number) noexcept;

    /// SQLITE_ROW, SQLITE_DONE, or the error's extended code, that of preparing and binding included.
    [[nodiscard]] int step() noexcept;

    /// Columns of the present row; nothing when the value has another type, is empty, or is longer
    /// than `limit`, which is asked before anything is loaded.
    [[nodiscard]] std::optional<std::int64_t> number(int column) const noexcept;
    [[nodiscard]] std::optional<BytesView> bytes(int column, std::size_t limit) const noexcept;
    [[nodiscard]] std::optional<std::string_view> text(int column, std::size_t limit) const noexcept;
    [[nodiscard]] std::string_view text(int column) const noexcept;
    [[nodiscard]] bool is_null(int column) const noexcept;

   private:
    sqlite3* database_;
    sqlite3_stmt* handle_;
    int code_;
  };

  [[nodiscard]] Run on(sqlite3* database) noexcept;

 private:
  const char* sql_;
  sqlite3_stmt* handle_ = nullptr;
  pid_t owner_ = 0;
};

}  // namespace tokenvault::sqlite
