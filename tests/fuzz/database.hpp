#pragma once
#include <optional>
#include <string>

#include "container.hpp"

namespace tokenvault::fuzz {

/// The vault in a database file of docs/format.md section 6, read by SQLite alone. Nothing where there is none.
std::optional<Container> vault_in(BytesView database);

/// The same file with another vault in it, and then one change by whoever knows SQL; empty `sql` changes no more.
std::optional<Bytes> with_vault(BytesView database, const Container& vault, const std::string& sql);

}  // namespace tokenvault::fuzz
