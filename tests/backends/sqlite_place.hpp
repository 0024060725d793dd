#pragma once
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/store_contract.hpp"
#include "support/temp_dir.hpp"
#include "support/user.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault::test {

/// A folder with the path of a database that is not there yet.
class SqlitePlace final : public StoreFixture {
 public:
  std::unique_ptr<Store> open() override {
    return std::move(open_sqlite_store(path(), {.create = true})).value();
  }

  std::unique_ptr<Store> open_read_only() override {
    ::chmod(folder_.path().c_str(), 0755);
    for (const char* suffix : {"", "-wal", "-shm"}) ::chmod((path() + suffix).c_str(), 0444);
    nobody_ = std::make_unique<AsNobody>();
    return std::move(open_sqlite_store(path())).value();
  }

  [[nodiscard]] std::string path() const { return folder_ / "vault.db"; }
  [[nodiscard]] const std::string& folder() const { return folder_.path(); }

 private:
  TempDir folder_;
  std::unique_ptr<AsNobody> nobody_;
};

/// Errc{} for success.
template <typename T>
Errc code_in(const Result<T>& result) {
  return result ? Errc{} : result.error().code();
}

/// A connection that is not ours.
class Stranger {
 public:
  explicit Stranger(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK); }
  ~Stranger() { sqlite3_close(handle_); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;
  void run(const char* sql) {
    REQUIRE_MESSAGE(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK,
                    sqlite3_errmsg(handle_));
  }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace tokenvault::test
