#pragma once
#include <sqlite3.h>

#include <cstdlib>
#include <deque>
#include <string>

namespace tokenvault::bench {

/// SQLite with nothing of ours around it: WAL, FULL.
class RawDatabase {
 public:
  RawDatabase(const std::string& path, const char* schema) {
    check(::sqlite3_open(path.c_str(), &db_));
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run(schema);
  }
  ~RawDatabase() {
    for (auto* statement : statements_) ::sqlite3_finalize(statement);
    ::sqlite3_close(db_);
  }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  void run(const char* sql) { check(::sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
  sqlite3_stmt* prepare(const char* sql) {
    check(::sqlite3_prepare_v2(db_, sql, -1, &statements_.emplace_back(), nullptr));
    return statements_.back();
  }
  static void step(sqlite3_stmt* statement) {
    if (::sqlite3_step(statement) != SQLITE_DONE) std::abort();
    ::sqlite3_reset(statement);
  }

 private:
  static void check(int code) {
    if (code != SQLITE_OK) std::abort();
  }
  sqlite3* db_ = nullptr;
  std::deque<sqlite3_stmt*> statements_;
};

}  // namespace tokenvault::bench
