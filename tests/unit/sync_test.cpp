// What is synced before what gets its name. This program has functions of its own in place of the C library's, so that
// the order is seen without a tracer, on any file system.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_dir.hpp"
#include "tokenvault/backends.hpp"
#include "tokenvault/key_source.hpp"
#include "unit/refused.hpp"
#include "vault/anchor.hpp"

namespace {

struct Journal {
  std::vector<std::string> lines;
  std::string prefix;
  bool halves_writes = false;
};
Journal* journal = nullptr;

/// The end of a path, without what is random in it.
void note(const std::string& act, std::string path) {
  if (journal == nullptr) return;
  if (path.starts_with(journal->prefix)) path = path.substr(journal->prefix.size());
  if (const auto draft = path.find(".new-"); draft != std::string::npos) path = path.substr(0, draft + 4);
  journal->lines.push_back(act + " " + path);
}

std::string path_of(int fd) {
  std::error_code failed;
  return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), failed).string();
}

}  // namespace

extern "C" {

int fsync(int fd) {
  if (tokenvault::test::Refused::is("fsync")) return -1;
  note("sync", path_of(fd));
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

int rename(const char* from, const char* to) noexcept {
  note("name", to);
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
  if (tokenvault::test::Refused::is("renameat2")) return -1;
  note("name", to);
  return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

int mkdir(const char* path, mode_t mode) noexcept {
  if (tokenvault::test::Refused::is("mkdir")) return -1;
  note("make", path);
  return static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t at) {
  if (journal != nullptr && journal->halves_writes && size > 1) size /= 2;
  return static_cast<ssize_t>(::syscall(SYS_pwrite64, fd, bytes, size, at));
}
}

namespace tokenvault::test {
namespace {

using Lines = std::vector<std::string>;

/// What `body` did in a folder of its own.
template <typename F>
Lines traced(const TempDir& folder, F&& body) {
  Journal kept{{}, std::filesystem::canonical(folder.path()).string(), false};
  journal = &kept;
  body();
  journal = nullptr;
  return kept.lines;
}

TEST_CASE("a key file is synced before it has its name, and each folder after what came into it") {
  const TempDir folder;
  const auto lines = traced(folder, [&] { CHECK(make_key_file(folder / "a/b/key")); });
  CHECK(lines ==
        Lines{"make /a", "sync ", "make /a/b", "sync /a", "sync /a/b/key.new", "name /a/b/key", "sync /a/b"});
}

TEST_CASE("a new vault in a file is synced before it has its name, and its folder after") {
  const TempDir folder;
  StoreOptions options;
  options.create = true;
  auto lines = traced(folder, [&] { CHECK(open_store("sqlite:" + (folder / "v"), options)); });
  std::erase_if(lines, [](const std::string& line) { return line.find("-shm") != std::string::npos; });
  REQUIRE(lines.size() >= 3);
  CHECK(Lines(lines.begin(), lines.begin() + 3) == Lines{"sync /v.new", "name /v", "sync "});
}

TEST_CASE("an anchors file is synced before it has its name, and half of one gets none") {
  const TempDir folder;
  const FakeClock clock;
  const AnchorFile anchors(folder / "anchors");
  const format::VaultId vault{std::byte{1}};
  const auto lines = traced(folder, [&] { CHECK(anchors.merge(vault, {1, {}, 1}, clock)); });
  CHECK(lines == Lines{"sync /anchors.new", "name /anchors"});

  const auto refused = traced(folder, [&] {
    journal->halves_writes = true;
    CHECK_FALSE(anchors.merge(vault, {2, {}, 1}, clock));
  });
  CHECK(std::ranges::find(refused, "name /anchors") == refused.end());
  CHECK(anchors.sample()->at(vault).generation == 1);
}

TEST_CASE("where a file system cannot name without replacing, a link does") {
  const TempDir folder;
  for (const int error : {EINVAL, ENOSYS}) {
    const Refused refused("renameat2", error);
    const auto key = folder / std::to_string(error);
    REQUIRE(make_key_file(key));
    CHECK_FALSE(make_key_file(key));  // and still replaces nothing
    CHECK(std::filesystem::file_size(key) == 32);
    CHECK(std::filesystem::hard_link_count(key) == 1);
  }
}

TEST_CASE(
    "a folder that cannot be made or synced is told by its name, and one that is there already is none of "
    "these") {
  const TempDir folder;
  const auto told = [&](const char* call, int error) {
    const Refused refused(call, error);
    const auto made = make_folders(folder / "x");
    if (made) return Errc{};
    CHECK(made.error().message().find(call == std::string("mkdir") ? folder / "x" : folder.path()) !=
          std::string::npos);
    CHECK(made.error().os_error() == error);
    return made.error().code();
  };
  CHECK(told("mkdir", EACCES) == Errc::permission_denied);
  CHECK(told("mkdir", ENOSPC) == Errc::io);
  CHECK(told("mkdir", EEXIST) == Errc{});  // somebody else was quicker
  CHECK(told("fsync", EIO) == Errc::io);
}

}  // namespace
}  // namespace tokenvault::test
