// Where a host has closed a standard descriptor, the vault's files got its number, and what the host printed went into
// them: the file backend keeps what it has written open.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "support/local_ground.hpp"
#include "support/proof.hpp"
#include "support/rotation_fixture.hpp"
#include "tokenvault/lease.hpp"

namespace tokenvault::test {
namespace {

constexpr std::string_view kPrinted = "the host prints this\n";

void print() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    [[maybe_unused]] const auto sent = ::write(fd, kPrinted.data(), kPrinted.size());
}

/// A thread that prints all the time, so that no moment is too short to be met.
class Chatter {
 public:
  Chatter()
      : thread_([this] {
          while (!done_) print();
        }) {}
  ~Chatter() {
    done_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

/// Whether a standard descriptor leads to something that text could do harm in.
bool leads_to_a_file() {
  struct stat seen {};
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fstat(fd, &seen) == 0 && !S_ISCHR(seen.st_mode) && !S_ISFIFO(seen.st_mode)) return true;
  return false;
}

/// A lock's content is nobody's: between its opening and its move upwards a line may get there.
bool holds_what_was_printed(const std::string& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".lock") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(file), {}};
    if (all.find(kPrinted) != std::string::npos) return true;
  }
  return false;
}

/// Steps of a vault's life; each says whether it went well.
std::vector<std::function<bool()>> life(const Ground& ground, std::optional<Vault>& vault) {
  VaultOptions options;
  options.anchors = ground.folder() / "anchors";
  return {
      [&ground, &vault, options] {
        auto made = Vault::create(ground.open(), raw_key(), options);
        if (made) vault.emplace(*std::move(made));
        return made.has_value();
      },
      [&] { return vault->put("a", secret("one")).has_value(); },
      [&] { return text_of(vault->get("a")) == "one"; },
      [&ground] {
        auto other = Vault::open(ground.open(), raw_key());
        return other && other->put("a", secret("two"));
      },
      [&] { return text_of(vault->lease("a").get()) == "two"; },
      [&] { return vault->add_key(raw_key('o')).has_value(); },
      [&] { return vault->erase("a") && vault->undelete("a") && vault->rollback("a", 1); },
      [&] {
        FakeProvider provider(kModels[0].behaviour());
        const auto first = provider.make_token();
        if (!first || !vault->put("turned", *first)) return false;
        Rotator rotator(*vault, "turned", provider);
        return rotator.rotate().has_value() && rotator.retire(true).has_value();
      },
      [&ground, &vault] {
        const auto copy = open_store("file:" + ground.folder() / "copy", {.create = true});
        return copy && vault->backup_to(**copy);
      },
      [&ground] {
        const auto moved = open_store("sqlite:" + ground.folder() / "moved", {.create = true});
        auto from = Vault::open(ground.open(), raw_key());
        return moved && from && from->backup_to(**moved);
      },
      [&] { return make_key_file(ground.folder() / "key").has_value(); },
      [&] {
        const auto report = vault->verify();
        return report && report->faults.empty();
      },
  };
}

/// With the descriptors of `closed` (a bit each) closed from the start: 0, or the step that went wrong.
int live_with_closed(const Ground& ground, unsigned closed) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if ((closed >> fd & 1U) != 0) ::close(fd);
  const Chatter chatter;
  std::optional<Vault> vault;
  int number = 0;
  for (const auto& step : life(ground, vault)) {
    ++number;
    if (!step()) return number;
    if (leads_to_a_file()) return 100 + number;
  }
  return 0;
}

TEST_CASE("what a host prints with its standard descriptors closed goes into no file of ours") {
  std::uint64_t lives = 0, steps = 0;
  for (const std::string_view backend : kDurable)
    for (unsigned closed = 1; closed < 8; ++closed)
      for (int round = 0; round < (full_proof() ? 40 : 2); ++round) {
        CAPTURE(std::string(backend));
        CAPTURE(closed);
        const Ground ground(backend);
        const pid_t child = ::fork();
        if (child == 0) {
          // What stays open is not to fill this test's own output.
          const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
          for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) ::dup2(nothing, fd);
          ::close(nothing);
          ::_exit(live_with_closed(ground, closed));
        }
        int status = -1;
        ::waitpid(child, &status, 0);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
        CHECK_FALSE(holds_what_was_printed(ground.folder().path()));
        std::optional<Vault> vault;
        auto again = Vault::open(ground.open(), raw_key());
        REQUIRE_MESSAGE(again, (again ? "" : again.error().message()));
        CHECK(again->verify()->faults.empty());
        CHECK(text_of(again->get("a")) == "one");
        ++lives;
        steps += life(ground, vault).size();
      }
  tried("lives with standard descriptors closed while another thread prints", lives);
  tried("steps in them", steps);
}

}  // namespace
}  // namespace tokenvault::test
