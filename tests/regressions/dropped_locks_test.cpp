// Threads that make one database at once: the one that made it closed the file it had written after the others had
// opened it, and with that took all of the process's locks on it. Whoever left last elsewhere then emptied the log that
// these threads read: "database disk image is malformed".
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <barrier>
#include <thread>

#include "support/proof.hpp"
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

constexpr int kThreads = 4;
constexpr off_t kShared = 0x40000002, kSharedSize = 510;  // where SQLite's readers have their lock

/// Asked by another process, since to close the file here would be the very fault.
bool is_locked(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    struct flock asked {};
    asked.l_type = F_WRLCK;
    asked.l_start = kShared;
    asked.l_len = kSharedSize;
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    ::_exit(fd >= 0 && ::fcntl(fd, F_GETLK, &asked) == 0 && asked.l_type != F_UNLCK ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

TEST_CASE("threads that make one database at once keep their locks on it") {
  const int rounds = full_proof() ? 300 : 60;
  std::uint64_t lost = 0;
  for (int round = 0; round < rounds; ++round) {
    const TempDir folder;
    std::vector<std::unique_ptr<Store>> stores(kThreads);
    std::barrier start(kThreads);
    {
      std::vector<std::jthread> threads;
      for (auto& store : stores)
        threads.emplace_back([&] {
          start.arrive_and_wait();
          auto opened = open_sqlite_store(folder / "v", {.create = true});
          if (opened && (*opened)->revision()) store = *std::move(opened);
        });
    }
    for (const auto& store : stores) CHECK(store != nullptr);
    lost += is_locked(folder / "v") ? 0 : 1;
  }
  CHECK(lost == 0);
  tried("databases that four threads make at once", static_cast<std::uint64_t>(rounds), lost);
}

}  // namespace
}  // namespace tokenvault::test
