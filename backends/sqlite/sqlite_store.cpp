#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <string_view>
#include <utility>

#include "commit_sizes.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "sqlite/database.hpp"
#include "sqlite/patience.hpp"
#include "sqlite/statement.hpp"
#include "sqlite/wal_index.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault {
namespace sqlite {
namespace {

BytesView view(const BlobId& id) noexcept { return id.bytes; }

/// Whether no id is put and erased at once, so that either may come first.
bool are_apart(std::span<const Blob> put, std::span<const BlobId> erase) {
  std::vector<BlobId> ids(erase.begin(), erase.end());
  std::ranges::sort(ids);
  return std::ranges::none_of(put,
                              [&](const Blob& blob) { return std::ranges::binary_search(ids, blob.id); });
}

Error forked() {
  return {Errc::forked, "an open database does not cross fork(): open it again in the child"};
}

constexpr std::uint64_t kLongestStep = 1U << 24;
constexpr std::uint64_t kLastRevision = std::numeric_limits<std::int64_t>::max() - kLongestStep;

/// A step of random length: where a backup is restored into the open database and the same number of
/// commits follows, a count would be at a revision that others know with another root.
std::uint64_t revision_after(std::uint64_t revision) noexcept {
  std::uint64_t random = 0;
  sqlite3_randomness(sizeof(random), &random);
  return revision + 1 + random % kLongestStep;
}

std::optional<Revision> as_revision(std::optional<std::int64_t> number) noexcept {
  if (!number || (!mutated("sqlite.revision_range") &&
                  (*number <= 0 || static_cast<std::uint64_t>(*number) > kLastRevision)))
    return std::nullopt;
  return Revision{static_cast<std::uint64_t>(*number)};
}

/// One connection under one lock. The connection's statements are compiled when first used.
class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::unique_ptr<Database> database) noexcept
      : database_(std::move(database)), mutex_(database_->mutex()), index_(database_->get()) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override {
    return {.writable = database_->writable(), .durable = true, .shared = true, .wait = false};
  }
  Result<Root> root() override;
  Result<Bytes> get(const BlobId& id) override;
  Result<Revision> commit(const Commit& commit) override;
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override;
  Result<Revision> revision() override;
  Status check() override;
  Status compact() override;

 protected:
  void enter_read() noexcept override;
  void leave_read() noexcept override;

 private:
  Result<Revision> stored_revision();
  Result<Revision> apply(const Commit& commit);
  Result<bool> replace(const BlobId& before, const Blob& after);
  Status admit_write(std::string_view action);
  Status admit_place();
  Status put(const Blob& blob);
  Status put_in_order(std::vector<const Blob*> blobs);
  Status finish();
  Status step(Statement::Run run, std::string_view action);
  int exec(const char* sql) noexcept {
    return sqlite3_exec(database_->get(), sql, nullptr, nullptr, nullptr);
  }
  Error fail(int code, std::string_view action) { return to_error(database_->get(), code, action); }
  Error damaged(std::string_view what);
  void remember(const WalIndex::Header& before, Revision revision) noexcept {
    if (index_) freshness_.remember(before, revision);
  }
  [[nodiscard]] WalIndex::Header header_before() const noexcept {
    return depth_ > 0 ? scope_header_ : index_ ? index_.read() : WalIndex::Header{};
  }

  std::unique_ptr<Database> database_;
  std::recursive_mutex& mutex_;
  WalIndex index_;
  Freshness freshness_;
  int depth_ = 0;
  WalIndex::Header scope_header_{};

  Statement begin_{"BEGIN"};
  Statement begin_write_{"BEGIN IMMEDIATE"};
  Statement end_{"COMMIT"};
  Statement revision_{"SELECT revision FROM root WHERE id = 1"};
  Statement root_{"SELECT revision, bytes FROM root WHERE id = 1"};
  Statement set_root_{
      "INSERT INTO root VALUES (1, ?1, ?2) ON CONFLICT (id) DO UPDATE SET revision = ?1, bytes = ?2"};
  Statement get_{"SELECT bytes FROM blobs WHERE id = ?1"};
  Statement put_{"INSERT INTO blobs VALUES (?1, ?2) ON CONFLICT DO NOTHING"};
  Statement replace_{"UPDATE OR IGNORE blobs SET id = ?2, bytes = ?3 WHERE id = ?1"};
  Statement erase_{"DELETE FROM blobs WHERE id = ?1"};
  Statement list_{"SELECT id FROM blobs WHERE id > ?1 ORDER BY id LIMIT ?2"};
};

Error SqliteStore::damaged(std::string_view what) {
  return Error(Errc::tampered, fmt::format("{} holds {}: restore it from a backup",
                                           sqlite3_db_filename(database_->get(), "main"), what));
}

Status SqliteStore::step(Statement::Run run, std::string_view action) {
  const int code = run.step();
  if (code != SQLITE_DONE) return fail(code, action);
  return Ok{};
}

Result<Revision> SqliteStore::stored_revision() {
  auto run = revision_.on(database_->get());
  const int code = run.step();
  if (code == SQLITE_DONE) return Revision::absent;
  if (code != SQLITE_ROW) return fail(code, "read");
  const auto revision = as_revision(run.number(0));
  if (!revision) return damaged("a root without a revision");
  return *revision;
}

Result<Revision> SqliteStore::revision() {
  if (!database_->is_ours()) return forked();
  if (const auto known = freshness_.unchanged(index_)) return *known;
  const std::lock_guard lock(mutex_);
  const auto before = header_before();
  TV_TRY(const auto stored, stored_revision());
  remember(before, stored);
  return stored;
}

Result<Root> SqliteStore::root() {
  if (!database_->is_ours()) return forked();
  const std::lock_guard lock(mutex_);
  const auto before = header_before();
  auto run = root_.on(database_->get());
  const int code = run.step();
  if (code == SQLITE_DONE)
    return Error(Errc::no_vault,
                 fmt::format("no vault in {}: it is empty", sqlite3_db_filename(database_->get(), "main")));
  if (code != SQLITE_ROW) return fail(code, "read the root of");
  const auto revision = as_revision(run.number(0));
  const auto bytes = run.bytes(1, kMaxRootSize);
  if (!revision || !bytes) return damaged("a malformed root");
  remember(before, *revision);
  return Root{Bytes(bytes->begin(), bytes->end()), *revision};
}

Result<Bytes> SqliteStore::get(const BlobId& id) {
  if (!database_->is_ours()) return forked();
  const std::lock_guard lock(mutex_);
  auto run = get_.on(database_->get());
  const int code = run.bind(1, view(id)).step();
  if (code == SQLITE_DONE)
    return Error(Errc::not_found,
                 fmt::format("no such blob in {}", sqlite3_db_filename(database_->get(), "main")));
  if (code != SQLITE_ROW) return fail(code, "read a blob of");
  const auto bytes = run.bytes(0, kMaxBlobSize);
  if (!bytes) return damaged("a malformed blob");
  return Bytes(bytes->begin(), bytes->end());
}

Result<std::vector<BlobId>> SqliteStore::list(const std::optional<BlobId>& after, std::size_t limit) {
  if (!database_->is_ours()) return forked();
  const std::lock_guard lock(mutex_);
  std::vector<BlobId> ids;
  const auto most = std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max());
  auto run = list_.on(database_->get());
  run.bind(1, after ? view(*after) : BytesView(reinterpret_cast<const std::byte*>(""), 0));
  run.bind(2, static_cast<std::int64_t>(most));
  int code = run.step();
  for (; code == SQLITE_ROW; code = run.step()) {
    const auto bytes = run.bytes(0, sizeof(BlobId));
    if (!bytes || bytes->size() != sizeof(BlobId)) return damaged("a malformed blob id");
    std::ranges::copy(*bytes, ids.emplace_back().bytes.begin());
  }
  if (code != SQLITE_DONE) return fail(code, "list the blobs of");
  return ids;
}

Result<Revision> SqliteStore::commit(const Commit& commit) {
  if (!database_->is_ours()) return forked();
  TV_CHECK(admit_sizes(commit));
  std::unique_lock lock(mutex_);
  TV_CHECK(admit_write("write to"));
  const int code = patiently(*database_, lock, [this] { return begin_write_.on(database_->get()).step(); });
  if (code != SQLITE_DONE) return fail(code, "write to");
  auto applied = apply(commit);
  // Whatever failed may have ended the transaction already.
  if (!applied && !mutated("sqlite.rollback") && sqlite3_get_autocommit(database_->get()) == 0)
    exec("ROLLBACK");
  return applied;
}

Status SqliteStore::admit_write(std::string_view action) {
  if (!mutated("sqlite.scope") && depth_ > 0)
    return Error(Errc::internal, fmt::format("cannot {} a store inside a read scope", action));
  if (!mutated("sqlite.read_only") && !database_->writable())
    return Error(Errc::read_only,
                 fmt::format("cannot {} {}: the file or its folder is read-only for this user", action,
                             sqlite3_db_filename(database_->get(), "main")));
  return database_->prepare_to_write();
}

Status SqliteStore::admit_place() {
  if (database_->in_place()) return Ok{};
  return Error(Errc::io,
               fmt::format("cannot write to {}: it or a file beside it was moved or replaced, open it again",
                           sqlite3_db_filename(database_->get(), "main")));
}

Result<Revision> SqliteStore::apply(const Commit& commit) {
  sqlite3* const handle = database_->get();
  if (!mutated("sqlite.in_place")) TV_CHECK(admit_place());
  TV_TRY(const auto stored, stored_revision());
  if (!mutated("sqlite.swap") && commit.expected != stored)
    return Error(Errc::conflict, fmt::format("cannot write to {}: the root has changed",
                                             sqlite3_db_filename(handle, "main")));
  const auto next = revision_after(static_cast<std::uint64_t>(stored));
  const auto number = static_cast<std::int64_t>(next);
  TV_CHECK(step(std::move(set_root_.on(handle).bind(1, number).bind(2, commit.root)), "write to"));
  const bool apart = are_apart(commit.put, commit.erase);
  std::vector<const Blob*> fresh;
  fresh.reserve(commit.put.size());
  for (std::size_t i = 0; i < commit.put.size(); ++i) {
    bool replaced = false;
    if (apart && i < commit.erase.size()) {
      TV_TRY(replaced, replace(commit.erase[i], commit.put[i]));
    }
    if (!replaced) fresh.push_back(&commit.put[i]);
  }
  TV_CHECK(put_in_order(std::move(fresh)));
  for (const BlobId& id : commit.erase)
    TV_CHECK(step(std::move(erase_.on(handle).bind(1, view(id))), "write to"));
  TV_CHECK(finish());
  return Revision{next};
}

/// Puts the new blob into the row of the one it takes the place of: of equal size, the table's pages
/// are written over where they are. Else each commit would dirty the pages that rows leave, those that
/// they go to, and the list of free ones. False where there is no such row, or the new id is taken.
Result<bool> SqliteStore::replace(const BlobId& before, const Blob& after) {
  sqlite3* const handle = database_->get();
  auto run = replace_.on(handle);
  TV_CHECK(
      step(std::move(run.bind(1, view(before)).bind(2, view(after.id)).bind(3, after.bytes)), "write to"));
  return sqlite3_changes(handle) == 1;
}

/// By id: a hundred thousand rows in the order of their index touch each of its pages once.
Status SqliteStore::put_in_order(std::vector<const Blob*> blobs) {
  std::ranges::sort(blobs, {}, [](const Blob* blob) { return blob->id; });
  for (const auto* blob : blobs) TV_CHECK(put(*blob));
  return Ok{};
}

Status SqliteStore::put(const Blob& blob) {
  sqlite3* const handle = database_->get();
  TV_CHECK(step(std::move(put_.on(handle).bind(1, view(blob.id)).bind(2, blob.bytes)), "write to"));
  if (sqlite3_changes(handle) == 1) return Ok{};
  TV_TRY(const auto before, get(blob.id));
  if (before == blob.bytes || mutated("sqlite.taken")) return Ok{};
  return Error(Errc::already_exists, fmt::format("cannot write to {}: a blob id is taken by other bytes",
                                                 sqlite3_db_filename(handle, "main")));
}

/// An I/O error here, or memory running out while the log's index is brought up to date, leaves the
/// outcome open. The frames, commit mark included, are written and then
/// synced; if the sync fails, no process sees them and the next writer overwrites them, but if all
/// processes leave before that, the next to open the log replays them. A full disk is certain: the
/// frame with the commit mark is the last one, and it is not whole. A busy or refused COMMIT changed
/// nothing either.
Status SqliteStore::finish() {
  const int code = end_.on(database_->get()).step();
  if (code == SQLITE_DONE) return Ok{};
  auto error = fail(code, "commit to");
  if (((code & 0xff) != SQLITE_IOERR && (code & 0xff) != SQLITE_NOMEM) || mutated("sqlite.doubt"))
    return error;
  return Error(Errc::in_doubt, error.message(), error.os_error());
}

void SqliteStore::enter_read() noexcept {
  if (!database_->is_ours()) return;
  mutex_.lock();
  if (depth_++ > 0) return;
  if (index_) scope_header_ = index_.read();
  // Where this fails each read stands for itself, which the vault can tell.
  [[maybe_unused]] const int code = begin_.on(database_->get()).step();
}

void SqliteStore::leave_read() noexcept {
  if (!database_->is_ours()) return;
  if (--depth_ == 0 && sqlite3_get_autocommit(database_->get()) == 0) {
    [[maybe_unused]] const int code = end_.on(database_->get()).step();
  }
  mutex_.unlock();
}

Status SqliteStore::check() {
  if (!database_->is_ours()) return forked();
  const std::lock_guard lock(mutex_);
  Statement quick_check("PRAGMA quick_check(1)");
  auto run = quick_check.on(database_->get());
  const int code = run.step();
  if (code != SQLITE_ROW) return fail(code, "check");
  if (run.text(0) != "ok" && !mutated("sqlite.quick_check"))
    return damaged("a damaged database (quick_check)");
  return Ok{};
}

Status SqliteStore::compact() {
  if (!database_->is_ours()) return forked();
  std::unique_lock lock(mutex_);
  TV_CHECK(admit_write("compact"));
  TV_CHECK(admit_place());
  sqlite3* const handle = database_->get();
  int code = patiently(*database_, lock, [this] { return exec("VACUUM"); });
  if (code != SQLITE_OK) return fail(code, "compact");
  code = patiently(*database_, lock, [handle] {
    return sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  });
  if (code != SQLITE_OK) return fail(code, "compact");
  return Ok{};
}

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const StoreOptions& options) {
  TV_TRY(auto database, sqlite::Database::open(path, options));
  const std::lock_guard at_it(database->mutex());
  return std::unique_ptr<Store>(std::make_unique<sqlite::SqliteStore>(std::move(database)));
}

}  // namespace tokenvault
