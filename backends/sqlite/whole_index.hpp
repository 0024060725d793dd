#pragma once
#include <sqlite3.h>

namespace tokenvault::sqlite {

/// Sees to it that the log's index has all of its blocks before SQLite writes to it through its mapping. SQLite puts one
/// byte into each page, which is enough where a block of the file system is as large: where it is smaller, on a small
/// ext4 for one, the rest is a hole, and on a full disk a write into a hole ends the process by SIGBUS. With this the
/// disk is said to be full instead.
///
/// Stands in the place of the file's own methods, so it must outlive the connection.
class WholeIndex {
 public:
  /// Once the connection is open, and before it reads anything.
  void demand(sqlite3* database) noexcept;

 private:
  static int map(sqlite3_file* file, int region, int size, int extend, void volatile** at) noexcept;

  sqlite3_io_methods methods_{};
  const sqlite3_io_methods* theirs_ = nullptr;
};

}  // namespace tokenvault::sqlite
