#include "database.hpp"

#include <sqlite3.h>

#include <cstring>
#include <memory>

namespace tokenvault::fuzz {
namespace {

// File format bytes 18 and 19: 2 is WAL, which a database in memory cannot be in.
constexpr std::size_t kFormats[] = {18, 19};
constexpr unsigned char kRollback = 1, kWal = 2;

using Connection = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Connection open_image(BytesView database) {
  sqlite3* made = nullptr;
  sqlite3_open_v2(":memory:", &made, SQLITE_OPEN_READWRITE, nullptr);
  Connection connection(made, &sqlite3_close);
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(database.size() + 1));
  std::memcpy(copy, database.data(), database.size());
  for (const auto at : kFormats)
    if (at < database.size() && copy[at] == kWal) copy[at] = kRollback;
  const auto size = static_cast<sqlite3_int64>(database.size());
  const unsigned flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE;
  if (sqlite3_deserialize(made, "main", copy, size, size, flags) != SQLITE_OK) connection.reset();
  return connection;
}

Statement prepare(const Connection& connection, const char* sql) {
  sqlite3_stmt* made = nullptr;
  sqlite3_prepare_v2(connection.get(), sql, -1, &made, nullptr);
  return {made, &sqlite3_finalize};
}

Bytes column(const Statement& statement, int index) {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement.get(), index));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), index));
  return bytes == nullptr ? Bytes() : Bytes(bytes, bytes + size);
}

void insert(const Connection& connection, const char* sql, BytesView one, BytesView other) {
  const auto statement = prepare(connection, sql);
  if (!statement) return;
  const auto bind = [&](int index, BytesView bytes) {
    sqlite3_bind_blob(statement.get(), index, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  };
  bind(1, one);
  if (!other.empty()) bind(2, other);
  sqlite3_step(statement.get());
}

}  // namespace

std::optional<Container> vault_in(BytesView database) {
  const auto connection = open_image(database);
  if (!connection) return std::nullopt;
  Container vault;
  const auto root = prepare(connection, "SELECT bytes FROM root WHERE id = 1");
  if (!root || sqlite3_step(root.get()) != SQLITE_ROW) return std::nullopt;
  vault.root = column(root, 0);
  const auto blobs = prepare(connection, "SELECT id, bytes FROM blobs LIMIT 1000");
  while (blobs && sqlite3_step(blobs.get()) == SQLITE_ROW) {
    const auto id = column(blobs, 0);
    if (id.size() != sizeof(BlobId)) continue;
    BlobId key;
    std::copy(id.begin(), id.end(), key.bytes.begin());
    vault.blobs[key] = column(blobs, 1);
  }
  return vault;
}

std::optional<Bytes> with_vault(BytesView database, const Container& vault, const std::string& sql) {
  const auto connection = open_image(database);
  if (!connection) return std::nullopt;
  sqlite3_exec(connection.get(), "DELETE FROM blobs", nullptr, nullptr, nullptr);
  insert(connection, "UPDATE root SET bytes = ?1 WHERE id = 1", vault.root, {});
  for (const auto& [id, bytes] : vault.blobs)
    insert(connection, "INSERT OR IGNORE INTO blobs VALUES (?1, ?2)", id.bytes, bytes);
  sqlite3_exec(connection.get(), sql.c_str(), nullptr, nullptr, nullptr);
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> image(
      sqlite3_serialize(connection.get(), "main", &size, 0), &sqlite3_free);
  if (!image || size < 100) return std::nullopt;
  for (const auto at : kFormats) image.get()[at] = kWal;
  const auto* begin = reinterpret_cast<const std::byte*>(image.get());
  return Bytes(begin, begin + size);
}

}  // namespace tokenvault::fuzz
