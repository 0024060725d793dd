// The content of a database file: pages, schema and rows as they come, and the vault in them.
#include <unistd.h>

#include <array>
#include <random>
#include <string>

#include "database.hpp"
#include "examine.hpp"
#include "mutation.hpp"
#include "support/temp_dir.hpp"
#include "target.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;

namespace {

/// What somebody with SQL and without a key can do to the rows of a vault, and to what is around them.
constexpr std::array kChanges{
    "UPDATE root SET revision = -1",
    "UPDATE root SET revision = 9223372036854775807",
    "UPDATE root SET revision = 'many'",
    "UPDATE root SET bytes = hex(bytes)",
    "UPDATE root SET bytes = zeroblob(300000)",
    "UPDATE root SET bytes = CAST(bytes AS TEXT)",
    "DELETE FROM root",
    "UPDATE blobs SET id = id || x'00'",
    "UPDATE blobs SET id = CAST(id AS TEXT)",
    "UPDATE blobs SET bytes = zeroblob(200000)",
    "UPDATE blobs SET bytes = 7",
    "INSERT INTO blobs VALUES (x'', x'')",
    "INSERT INTO blobs VALUES (zeroblob(24), zeroblob(64))",
    "PRAGMA user_version = 2",
    "PRAGMA application_id = 0",
    "PRAGMA auto_vacuum = 1; VACUUM",
    "PRAGMA encoding = 'UTF-16'; VACUUM",
    "PRAGMA page_size = 512; VACUUM",
    "CREATE TRIGGER t AFTER INSERT ON blobs BEGIN DELETE FROM root; END",
    "CREATE VIEW v AS SELECT * FROM root",
    "ANALYZE",
};

void write_database(const std::string& path, BytesView bytes) {
  for (const auto* beside : {"-wal", "-shm", "-journal"}) ::unlink((path + beside).c_str());
  write_input(path, bytes);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::TempDir folder;
  static const auto path = folder / "vault.db";
  write_database(path, bytes_of(data, size));
  examine([&] { return open_sqlite_store(path, {.lock_timeout = std::chrono::milliseconds(0)}); });
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  std::mt19937 random(seed);
  const auto bytes = bytes_of(data, size);
  const auto vault = random() % 3 == 0 ? std::nullopt : vault_in(bytes);
  if (!vault) return LLVMFuzzerMutate(data, size, most);
  const std::string sql = random() % 4 == 0 ? kChanges[random() % kChanges.size()] : "";
  const auto changed = parse_container(mutated_vault(encode(*vault), most, seed));
  const auto next = with_vault(bytes, changed ? *changed : *vault, sql);
  return next ? hand_over(*next, data, size, most) : size;
}
