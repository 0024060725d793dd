#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "issuer/entry.hpp"
#include "sqlite/statement.hpp"

/// In the order that read_entry() takes them; a successor follows.
#define TV_ENTRY_COLUMNS                                                                          \
  "id, lineage, org, name, scopes, digest, created_at, expires_at, first_used_at, last_used_at, " \
  "refused_at, "                                                                                  \
  "revoked_at, lifetime, predecessor, rotation, lapses_at"

namespace tokenvault::issuer {

inline constexpr int kDigestColumn = 5;

/// The present row. Errors: tampered (a value that no issuer writes).
Result<Entry> read_entry(const sqlite::Statement::Run& row);

[[nodiscard]] std::optional<std::int64_t> stored(std::optional<Time> time) noexcept;

[[nodiscard]] Error tampered_entry(std::string_view what);

}  // namespace tokenvault::issuer
