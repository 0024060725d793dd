// What a thread makes of a note that another one replaces under it. The header lies across two pages here, and the
// second is taken away: the look stops before the header's last word, and there the other thread's turn comes.
#include <sqlite3.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>

#include "backends/sqlite_place.hpp"
#include "sqlite/wal_index.hpp"

namespace tokenvault::sqlite {
namespace {

using Header = WalIndex::Header;

/// What happens at the stop.
struct Stopped {
  Freshness* note = nullptr;
  Header header{};
  Revision revision{};
  void* page = nullptr;
  std::size_t size = 0;
};

/// Stands for the index of a log, in memory that stops whoever reads on.
class StoppingWords {
 public:
  StoppingWords() {
    REQUIRE(pages_ != MAP_FAILED);
    struct sigaction action {};
    action.sa_handler = [](int) { at_stop(); };
    ::sigaction(SIGSEGV, &action, &before_);
  }
  ~StoppingWords() {
    ::sigaction(SIGSEGV, &before_, nullptr);
    ::munmap(pages_, 2 * size_);
  }
  StoppingWords(const StoppingWords&) = delete;
  StoppingWords& operator=(const StoppingWords&) = delete;

  void hold(const Header& header) { std::copy(header.begin(), header.end(), words()); }
  /// The next to come to the last word waits until `note` was replaced.
  void stop_for(Freshness& note, const Header& header, Revision revision) {
    stopped = {&note, header, revision, second(), size_};
    REQUIRE(::mprotect(second(), size_, PROT_NONE) == 0);
  }
  [[nodiscard]] bool was_reached() const { return stopped.note == nullptr; }

  /// An index that reads these words as SQLite's own.
  WalIndex index(sqlite3* database) {
    shown = words();
    sqlite3_file* file = nullptr;
    REQUIRE(sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK);
    const auto* const own = file->pMethods;
    auto methods = *own;
    methods.xShmMap = [](sqlite3_file*, int, int, int, void volatile** region) {
      *region = shown;
      return SQLITE_OK;
    };
    file->pMethods = &methods;
    const WalIndex made(database);
    file->pMethods = own;
    return made;
  }

 private:
  static void at_stop() {
    if (stopped.note == nullptr) {
      ::signal(SIGSEGV, SIG_DFL);  // not ours
      return;
    }
    ::mprotect(stopped.page, stopped.size, PROT_READ | PROT_WRITE);
    stopped.note->remember(stopped.header, stopped.revision);
    stopped.note = nullptr;
  }

  [[nodiscard]] void* second() const { return static_cast<char*>(pages_) + size_; }
  /// All but the last one are on the first page.
  [[nodiscard]] std::uint64_t* words() const {
    return static_cast<std::uint64_t*>(second()) - (WalIndex::kWords - 1);
  }

  static inline Stopped stopped;
  static inline std::uint64_t* shown = nullptr;
  std::size_t size_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* pages_ = ::mmap(nullptr, 2 * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct sigaction before_ {};
};

TEST_CASE("a note that is replaced by an older one under the look at it is not believed") {
  const test::TempDir folder;
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((folder / "v.db").c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, "PRAGMA journal_mode = WAL; CREATE TABLE t (x); SELECT * FROM t", nullptr,
                       nullptr, nullptr) == SQLITE_OK);
  StoppingWords words;
  const auto index = words.index(database);
  REQUIRE(index);
  // A read scope notes the header at its beginning, which may be an older one; the last word may be the same.
  const Header now{1, 2, 3, 4, 5, 9}, older{6, 7, 8, 4, 5, 9};
  words.hold(now);
  Freshness note;
  note.remember(now, Revision{20});
  CHECK(note.unchanged(index) == Revision{20});
  words.stop_for(note, older, Revision{10});
  CHECK(note.unchanged(index) == std::nullopt);
  CHECK(words.was_reached());
  CHECK(note.unchanged(index) == std::nullopt);
  note.remember(now, Revision{20});
  CHECK(note.unchanged(index) == Revision{20});
  sqlite3_close(database);
}

}  // namespace
}  // namespace tokenvault::sqlite
