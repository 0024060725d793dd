// Many tokens in one commit, against SQLite taking the same bytes in one transaction and the cipher
// sealing them: no tree, no hash of a name, no digest.
#include "bench/filled.hpp"
#include "bench/ratio.hpp"
#include "bench/raw_database.hpp"
#include "crypto/aead.hpp"

namespace tokenvault::bench {
namespace {

constexpr int kTokens = 100'000;

TokenSource tokens() {
  return [at = 0]() mutable -> Result<std::optional<NewToken>> {
    if (at == kTokens) return std::optional<NewToken>();
    const int number = at++;
    return std::optional(NewToken{name_of(number), bytes(value_of(number))});
  };
}

/// The sizes of what such a vault puts into its store.
std::vector<std::size_t> blob_sizes(const std::string& path) {
  const auto store = open_sqlite_store(path).value();
  std::vector<std::size_t> sizes;
  std::optional<BlobId> after;
  for (;;) {
    const auto page = store->list(after, 1000).value();
    for (const auto& id : page) sizes.push_back(store->get(id).value().size());
    if (page.size() < 1000) return sizes;
    after = page.back();
  }
}

void insert_sealed(const std::string& path, const std::vector<std::size_t>& sizes) {
  RawDatabase raw(path, "CREATE TABLE t (id BLOB PRIMARY KEY NOT NULL, b BLOB NOT NULL)");
  auto* const insert = raw.prepare("INSERT INTO t VALUES (?1, ?2)");
  const auto secret = bytes(std::string(32, 'k'));
  const Bytes plain(kMaxBlobSize);
  raw.run("BEGIN IMMEDIATE");
  for (const auto size : sizes) {
    Bytes sealed(size);
    const auto id =
        crypto::seal(secret.expose(), {}, BytesView(plain).first(size - crypto::kTagSize), sealed);
    sqlite3_bind_blob(insert, 1, id.data(), static_cast<int>(id.size()), SQLITE_STATIC);
    sqlite3_bind_blob(insert, 2, sealed.data(), static_cast<int>(sealed.size()), SQLITE_STATIC);
    RawDatabase::step(insert);
  }
  raw.run("COMMIT");
}

void import_all(const std::string& path) {
  auto vault = Vault::create(sqlite_store(path), key()).value();
  if (vault.put_all(tokens()).value().added != kTokens) std::abort();
}

void run() {
  const test::TempDir folder;
  import_all(folder / "sizes.db");
  const auto sizes = blob_sizes(folder / "sizes.db");
  int round = 0;
  compare(
      "import of 100,000, against the same bytes sealed and stored", 1.5, 5, kTokens,
      [&] { import_all(folder / ("ours-" + std::to_string(round++))); },
      [&] { insert_sealed(folder / ("raw-" + std::to_string(round++)), sizes); });
}

}  // namespace
}  // namespace tokenvault::bench

int main() { tokenvault::bench::run(); }
