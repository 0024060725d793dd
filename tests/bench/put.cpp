// Durable changes against a raw SQLite commit of one sealed record, and large vaults against small.
#include <memory>
#include <random>

#include "bench/filled.hpp"
#include "bench/ratio.hpp"
#include "bench/raw_database.hpp"

namespace tokenvault::bench {
namespace {

/// One sealed record, and nothing that would find it again or notice its loss.
class OneRecord {
 public:
  OneRecord(const std::string& path, int rows)
      : raw_(path, "CREATE TABLE t (id BLOB PRIMARY KEY, b BLOB NOT NULL) WITHOUT ROWID"),
        insert_(raw_.prepare("INSERT INTO t VALUES (randomblob(24), randomblob(80))")) {
    raw_.run("BEGIN");
    for (int i = 0; i < rows; ++i) commit();
    raw_.run("COMMIT");
  }
  void commit() { RawDatabase::step(insert_); }

 private:
  RawDatabase raw_;
  sqlite3_stmt* insert_;
};

/// What docs/format.md makes of a put at 100,000: the root, two branches and a leaf in other versions
/// under other ids, and the record. Of random bytes, so no cipher, no hash, no tree.
class SamePages {
 public:
  SamePages(const std::string& path, int rows)
      : raw_(path,
             "CREATE TABLE root (id INTEGER PRIMARY KEY, b BLOB NOT NULL);"
             "CREATE TABLE t (id BLOB PRIMARY KEY NOT NULL, b BLOB NOT NULL)"),
        begin_(raw_.prepare("BEGIN IMMEDIATE")),
        end_(raw_.prepare("COMMIT")),
        insert_(raw_.prepare("INSERT INTO t VALUES (randomblob(24), zeroblob(?1))")),
        root_(raw_.prepare(
            "INSERT INTO root VALUES (1, zeroblob(2300)) ON CONFLICT DO UPDATE SET b = zeroblob(2300)")),
        replace_(raw_.prepare("UPDATE t SET id = randomblob(24), b = zeroblob(?2) WHERE rowid = ?1")) {
    RawDatabase::step(begin_);
    for (int i = 0; i < kNodes; ++i) insert(node_size(i));
    for (int i = 0; i < rows; ++i) insert(80);
    RawDatabase::step(end_);
  }
  void commit() {
    RawDatabase::step(begin_);
    RawDatabase::step(root_);
    replace(static_cast<int>(random_() % 16));
    replace(16 + static_cast<int>(random_() % 256));
    replace(272 + static_cast<int>(random_() % 4096));
    insert(80);
    RawDatabase::step(end_);
  }

 private:
  static constexpr int kNodes = 16 + 256 + 4096;
  static int node_size(int node) { return node < 272 ? 2064 : 4112; }
  void insert(int size) {
    ::sqlite3_bind_int(insert_, 1, size);
    RawDatabase::step(insert_);
  }
  void replace(int node) {
    ::sqlite3_bind_int(replace_, 1, node + 1);
    ::sqlite3_bind_int(replace_, 2, node_size(node));
    RawDatabase::step(replace_);
  }

  RawDatabase raw_;
  sqlite3_stmt *begin_, *end_, *insert_, *root_, *replace_;
  std::mt19937 random_{1};
};

Vault filled(const std::string& path, int count) {
  return Vault::open(fill(sqlite_store(path), count), key()).value();
}

/// `count` puts of the ten first names, in turn: they have the same history in every vault.
auto ten_names(Vault& vault, int count) {
  return [&vault, count, value = std::make_shared<SecretBuffer>(bytes(value_of(1)))] {
    for (int i = 0; i < count; ++i) (void)vault.put(name_of(i % 10), *value).value();
  };
}

void main() {
  const test::TempDir folder;
  constexpr int kLarge = 100'000, kPuts = 50, kRounds = 25;
  auto small = filled(folder / "small.db", 10);
  auto large = filled(folder / "large.db", kLarge);
  OneRecord record(folder / "record.db", kLarge);
  SamePages pages(folder / "pages.db", kLarge);
  const auto names = shuffled_names(kLarge);
  const auto value = bytes(value_of(1));
  std::size_t at = 0;
  const auto put = [&] {
    for (int i = 0; i < kPuts; ++i) (void)large.put(names[at++ % names.size()], value).value();
  };
  const auto repeat = [&](auto& raw) {
    return [&raw] {
      for (int i = 0; i < kPuts; ++i) raw.commit();
    };
  };
  compare("durable put at 100,000, against the same pages by hand", 1.5, kRounds, kPuts, put, repeat(pages));
  compare("durable put at 100,000, against one row by hand", 3.5, kRounds, kPuts, put, repeat(record));
  compare("durable put of ten names at 100,000, against one at 10", 1.6, kRounds, kPuts,
          ten_names(large, kPuts), ten_names(small, kPuts));
  const auto second = key('b');
  compare(
      "change_key at 100,000 (add and remove, each), against a put", 2.0, kRounds, kPuts,
      [&] {
        for (int i = 0; i < kPuts / 2; ++i) {
          const auto slot = large.add_key(second).value();
          (void)large.remove_key(slot).value();
        }
      },
      put);
  compare(
      "rotate_master at 100,000, against a put", 2.0, 7, kPuts,
      [&] {
        for (int i = 0; i < kPuts; ++i) (void)large.rotate_master().value();
      },
      put);
}

}  // namespace
}  // namespace tokenvault::bench

int main() { tokenvault::bench::main(); }
