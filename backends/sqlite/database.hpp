#pragma once
#include <sqlite3.h>
#include <sys/types.h>

#include <array>
#include <memory>
#include <string>

#include "sqlite/connection.hpp"
#include "sqlite/schema.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault::sqlite {

/// One connection to a database that passed every check of its files and schema. Not thread-safe.
class Database {
 public:
  /// Errors: as open_sqlite_store().
  static Result<std::unique_ptr<Database>> open(const std::string& path, const StoreOptions& options,
                                                const Schema& schema = kStoreSchema);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] sqlite3* get() const noexcept { return connection_->handle; }
  /// To be held by who uses it, where several threads may.
  [[nodiscard]] std::recursive_mutex& mutex() const noexcept { return connection_->mutex; }
  /// False in a forked child, where it must not be used.
  [[nodiscard]] bool is_ours() const noexcept { return connection_->is_ours(); }
  [[nodiscard]] bool writable() const noexcept { return writable_; }
  [[nodiscard]] std::chrono::milliseconds lock_timeout() const noexcept { return lock_timeout_; }

  /// Whether calls on this connection wait for locks up to the time-out, as at first, or not at all.
  void wait_for_locks(bool wait) noexcept;

  /// Makes commits durable and deletions thorough; done before the first write, since readers need
  /// none of it. Errors: io (the file system cannot do WAL), unavailable.
  Status prepare_to_write();

  /// False once another file, or none, is at the path or in place of the log or its index: a commit
  /// here would reach nobody.
  [[nodiscard]] bool in_place();

 private:
  /// Which file is at a path; all zeros for none.
  struct Place {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(const Place&) const = default;
  };
  using Beside = std::array<Place, 2>;

  explicit Database(std::shared_ptr<Connection> connection) noexcept;
  [[nodiscard]] Beside beside() const;

  std::shared_ptr<Connection> connection_;
  std::chrono::milliseconds lock_timeout_{};
  Beside beside_{};
  bool writable_ = false;
  bool prepared_ = false;
};

}  // namespace tokenvault::sqlite
