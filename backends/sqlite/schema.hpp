#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "tokenvault/error.hpp"

namespace tokenvault::sqlite {

/// A buffer from sqlite3_malloc().
struct Image {
  std::unique_ptr<unsigned char, decltype(&sqlite3_free)> bytes{nullptr, &sqlite3_free};
  std::size_t size = 0;
};

/// What a database of ours holds, and nothing besides: another one's is told by it.
struct Schema {
  std::string_view noun;  // in messages: "a vault"
  std::int64_t application_id, user_version;
  std::span<const char* const> statements;  // that make it, by the names they make
};

/// Of the vault's own store.
extern const Schema kStoreSchema;

/// The file of an empty database of this schema, made in memory, so that it appears on disk whole.
Result<Image> empty_database(const Schema& schema);

/// Whether `database` is one of this schema; reads only. Errors: tampered (another program's,
/// or not a database), unsupported (of a later version), unavailable, permission_denied, io.
Status admit_schema(sqlite3* database, const Schema& schema);

}  // namespace tokenvault::sqlite
