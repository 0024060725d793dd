// What lies in a vault's place when it is opened may be another file than the one that was looked at. This program has an
// lstat() of its own, which changes the place right after a look.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <utility>

#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"
#include "tokenvault/backends.hpp"

namespace {

std::function<void()> after_look;

}  // namespace

extern "C" int lstat(const char* path, struct stat* seen) noexcept {
  const int status = ::fstatat(AT_FDCWD, path, seen, AT_SYMLINK_NOFOLLOW);
  if (const auto swap = std::exchange(after_look, nullptr)) swap();
  return status;
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

}  // namespace
}  // namespace tokenvault::test
