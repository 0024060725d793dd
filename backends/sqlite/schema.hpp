#pragma once
#include <sqlite3.h>

#include <memory>

#include "tokenvault/error.hpp"

namespace tokenvault::sqlite {

/// A buffer from sqlite3_malloc().
struct Image {
  std::unique_ptr<unsigned char, decltype(&sqlite3_free)> bytes{nullptr, &sqlite3_free};
  std::size_t size = 0;
};

/// The file of an empty store of this version, made in memory, so that it appears on disk whole.
Result<Image> empty_database();

/// Whether `database` is a store of this version; reads only. Errors: tampered (another program's,
/// or not a database), unsupported (of a later version), unavailable, permission_denied, io.
Status admit_schema(sqlite3* database);

}  // namespace tokenvault::sqlite
