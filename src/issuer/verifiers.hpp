#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crypto/hash.hpp"
#include "issuer/entry.hpp"
#include "sqlite/database.hpp"
#include "sqlite/statement.hpp"

namespace tokenvault::issuer {

/// When tokens were last seen, by id: what may be lost.
struct Sightings {
  std::map<std::string, Time, std::less<>> used, refused;
};

/// One connection to the database of verifiers. Not thread-safe. Errors of all calls: as Issuer's.
class Verifiers {
 public:
  static Result<std::unique_ptr<Verifiers>> open(const std::string& path);

  /// To be held around the other calls: a forked child sees by it whether a thread was in one.
  [[nodiscard]] std::recursive_mutex& mutex() const noexcept { return database_->mutex(); }

  /// Keeps `mark` where there is none yet. Errors: wrong_key (there is another).
  Status admit_key(const crypto::Digest& mark);

  /// The entry with this id and this digest, without its successor. Reads one row and compares one digest, whichever
  /// of the two is wrong.
  Result<std::optional<Entry>> match(std::string_view id, const crypto::Digest& digest);
  Result<std::optional<Entry>> find(std::string_view id);
  Result<std::vector<Entry>> list(std::string_view org);

  /// A change: nothing of it happens unless commit() succeeds. The methods below are called inside of one.
  class Change {
   public:
    static Result<Change> begin(Verifiers& verifiers);
    Change(Change&& other) noexcept : verifiers_(std::exchange(other.verifiers_, nullptr)) {}
    Change& operator=(Change&&) = delete;
    ~Change();
    Status commit();

   private:
    explicit Change(Verifiers& verifiers) noexcept : verifiers_(&verifiers) {}
    Verifiers* verifiers_;
  };

  Status insert(const Entry& entry, const crypto::Digest& digest,
                std::optional<std::chrono::seconds> overlap);
  /// Whether this is the first use of a token that is alive; its predecessor then has the overlap left.
  Result<bool> use_first(std::string_view id, Time now);
  Result<bool> revoke(std::string_view id, Time now);
  Result<bool> revoke_lineage(std::string_view id, Time now);
  Status note(const Sightings& seen);

  /// Whether a commit waits for the disk, and for others' locks: as at first. What may be lost need not.
  void be_patient(bool patient) noexcept;

 private:
  explicit Verifiers(std::unique_ptr<sqlite::Database> database) noexcept : database_(std::move(database)) {}
  Result<bool> change(sqlite::Statement& statement, std::string_view id, std::optional<Time> now);
  Status run(sqlite::Statement& statement);
  Error failure(int code, std::string_view action) const {
    return sqlite::to_error(database_->get(), code, action);
  }

  std::unique_ptr<sqlite::Database> database_;
  sqlite::Statement begin_{"BEGIN IMMEDIATE"}, commit_{"COMMIT"}, rollback_{"ROLLBACK"};
  static const char *const kMatch,
      *const kFind, *const kList, *const kInsert, *const kUse, *const kRetire,
                                                                   *const kRevoke,
                                                                       *const kRevokeLineage,
                                                                           *const kNoteUsed,
                                                                               *const kNoteRefused,
                                                                                   *const kMark,
                                                                                       *const kKeepMark;
  sqlite::Statement match_{kMatch}, find_{kFind}, list_{kList}, insert_{kInsert}, use_{kUse},
      retire_{kRetire}, revoke_{kRevoke}, revoke_lineage_{kRevokeLineage}, note_used_{kNoteUsed},
      note_refused_{kNoteRefused}, mark_{kMark}, keep_mark_{kKeepMark};
};

}  // namespace tokenvault::issuer
