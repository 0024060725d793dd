// Durable changes against a raw SQLite commit of one sealed record, and large vaults against small.
#include <sqlite3.h>

#include <cstdlib>

#include "bench/filled.hpp"
#include "bench/ratio.hpp"

namespace tokenvault::bench {
namespace {

/// What a durable record costs with nothing of ours: one insert, one commit, WAL, FULL.
class RawCommit {
 public:
  RawCommit(const std::string& path, int rows) {
    check(::sqlite3_open(path.c_str(), &db_));
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("CREATE TABLE t (id BLOB PRIMARY KEY, b BLOB NOT NULL) WITHOUT ROWID");
    check(::sqlite3_prepare_v2(db_, "INSERT INTO t VALUES (randomblob(24), randomblob(80))", -1, &insert_, nullptr));
    run("BEGIN");
    for (int i = 0; i < rows; ++i) step();
    run("COMMIT");
  }
  ~RawCommit() {
    ::sqlite3_finalize(insert_);
    ::sqlite3_close(db_);
  }
  RawCommit(const RawCommit&) = delete;
  RawCommit& operator=(const RawCommit&) = delete;

  /// Its own transaction.
  void step() {
    if (::sqlite3_step(insert_) != SQLITE_DONE) std::abort();
    ::sqlite3_reset(insert_);
  }

 private:
  static void check(int code) {
    if (code != SQLITE_OK) std::abort();
  }
  void run(const char* sql) { check(::sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

Vault filled(const std::string& path, int count) { return Vault::open(fill(sqlite_store(path), count), key()).value(); }

void main() {
  const test::TempDir folder;
  constexpr int kLarge = 100'000, kPuts = 50, kRounds = 15;
  auto small = filled(folder / "small.db", 10);
  auto large = filled(folder / "large.db", kLarge);
  RawCommit raw(folder / "raw.db", kLarge);
  const auto names = shuffled_names(kLarge);
  const auto value = bytes(value_of(1));
  std::size_t at = 0;
  const auto put_large = [&] {
    for (int i = 0; i < kPuts; ++i) (void)large.put(names[at++ % names.size()], value).value();
  };
  const auto put_small = [&] {
    for (int i = 0; i < kPuts; ++i) (void)small.put(name_of(i % 10), value).value();
  };
  compare("durable put at 100,000, against a raw commit", 1.5, kRounds, kPuts, put_large, [&] {
    for (int i = 0; i < kPuts; ++i) raw.step();
  });
  compare("durable put at 100,000, against one at 10", 1.3, kRounds, kPuts, put_large, put_small);
  const auto second = key('b');
  compare("change_key at 100,000 (add and remove, each), against a put", 2.0, kRounds, kPuts, [&] {
    for (int i = 0; i < kPuts / 2; ++i) {
      const auto slot = large.add_key(second).value();
      (void)large.remove_key(slot).value();
    }
  }, put_large);
  compare("rotate_master at 100,000, against a put", 2.0, 7, kPuts, [&] {
    for (int i = 0; i < kPuts; ++i) (void)large.rotate_master().value();
  }, put_large);
}

}  // namespace
}  // namespace tokenvault::bench

int main() { tokenvault::bench::main(); }
