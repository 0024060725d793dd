// What lies in a vault's place when it is opened may be another file than the one that was looked at. This program has an
// lstat() of its own, which changes the place right after a look, and an fcntl(), which does right before a lock.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <filesystem>
#include <functional>
#include <utility>

#include "core/file.hpp"
#include "support/blobs.hpp"
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"
#include "tokenvault/backends.hpp"

namespace {

std::function<void()> after_look, before_lock;

}  // namespace

extern "C" int lstat(const char* path, struct stat* seen) noexcept {
  const int status = ::fstatat(AT_FDCWD, path, seen, AT_SYMLINK_NOFOLLOW);
  if (const auto swap = std::exchange(after_look, nullptr)) swap();
  return status;
}

extern "C" int fcntl(int fd, int command, ...) {
  va_list words;
  va_start(words, command);
  const auto word = va_arg(words, unsigned long);
  va_end(words);
  if (command == F_OFD_SETLK)
    if (const auto swap = std::exchange(before_lock, nullptr)) swap();
  return static_cast<int>(::syscall(SYS_fcntl, fd, command, word));
}

namespace tokenvault::test {
namespace {

/// A vault in a file, and a place beside it where another may wait.
struct Swapped {
  TempDir folder;
  std::string place = folder / "v", aside = folder / "aside";

  Swapped() {
    StoreOptions options;
    options.create = true;
    auto store = open_file_store(place, options);
    REQUIRE(store);
    REQUIRE(Vault::create(*std::move(store), raw_key()));
    std::filesystem::copy_file(place, aside);
  }
  Errc opened_after(std::function<void()> swap) const {
    after_look = std::move(swap);
    const auto store = open_file_store(place);
    CHECK_FALSE(after_look);  // else nothing was swapped
    after_look = nullptr;
    return code_of(store);
  }
};

TEST_CASE("a link that takes the place of a file after the look at it is not followed") {
  const Swapped at;
  CHECK(at.opened_after([&] {
    std::filesystem::remove(at.place);
    std::filesystem::create_symlink(at.aside, at.place);
  }) == Errc::io);
}

TEST_CASE("a file that others can write, put in place after the look, is refused") {
  const Swapped at;
  CHECK(at.opened_after([&] {
    REQUIRE(::chmod(at.aside.c_str(), 0666) == 0);
    std::filesystem::rename(at.aside, at.place);
  }) == Errc::refused);
}

File locked(const std::string& path) {
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  struct flock whole {};
  whole.l_type = F_WRLCK;
  REQUIRE(::fcntl(file.get(), F_OFD_SETLK, &whole) == 0);
  return file;
}

TEST_CASE("a lock whose name went to another file before it was had keeps nobody out, and does not count") {
  const TempDir folder;
  const auto place = folder / "v";
  const auto store = *open_file_store(place, {.lock_timeout = std::chrono::milliseconds(0), .create = true});
  const auto first = *commit_to(*store, Revision::absent, "one");
  std::optional<File> others;
  before_lock = [&] {
    others = locked(place + ".lock.new");
    std::filesystem::rename(place + ".lock.new", place + ".lock");
  };
  CHECK(code_of(commit_to(*store, first, "two")) == Errc::unavailable);
  REQUIRE(others);
  CHECK(text_of_root(store->root()->bytes) == "one");
  others.reset();
  CHECK(commit_to(*store, first, "two"));
}

}  // namespace
}  // namespace tokenvault::test
