#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "support/temp_dir.hpp"
#include "tokenvault/backends.hpp"

using tokenvault::Errc;
using tokenvault::open_store;

namespace {

Errc code_of(std::string_view uri, bool create = false) {
  auto store = open_store(uri, {.create = create});
  return store ? Errc{} : store.error().code();
}

}  // namespace

TEST_CASE("the scheme decides which backend opens") {
  const tokenvault::test::TempDir folder;
  CHECK(code_of("memory:") == Errc{});
  CHECK(code_of("sqlite:" + (folder / "a.db")) == Errc::no_vault);
  CHECK(code_of("sqlite:" + (folder / "a.db"), true) == Errc{});
  CHECK(code_of("sqlite:" + (folder / "a.db")) == Errc{});
  CHECK(code_of(folder / "a.db") == Errc{});
  CHECK(code_of("file:" + (folder / "a.tv")) == Errc::no_vault);
  CHECK(code_of("file:" + (folder / "a.tv"), true) == Errc{});
  CHECK(code_of("env:TOKENVAULT_TEST_UNSET") == Errc::no_vault);
  for (const char* uri : {"env-plain:A=B", "etcd:http://127.0.0.1:2379/p"})
    CHECK(code_of(uri) == Errc::unsupported);
  for (const char* uri : {"", "sqlite:", "file:", "env:", "memory:x", "redis:x", ":memory:", ":", "SQLITE:x",
                          "C:vault", "a:b/c"})
    CHECK(code_of(uri, true) == Errc::invalid_argument);
}

TEST_CASE("a path with a colon is one once it has a slash before it") {
  const tokenvault::test::TempDir folder;
  CHECK(code_of(folder / "redis:x", true) == Errc{});
  CHECK(std::filesystem::exists(folder / "redis:x"));
  CHECK(code_of("sqlite:" + (folder / "redis:x")) == Errc{});
  CHECK(code_of(folder.path() + "/") == Errc::invalid_argument);
  CHECK(code_of(folder.path() + "/..", true) == Errc::invalid_argument);
}

TEST_CASE("SQLite's own special names are ordinary file names") {
  const tokenvault::test::TempDir folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  CHECK(code_of("sqlite::memory:", true) == Errc{});
  CHECK(code_of("sqlite:file:x?mode=memory", true) == Errc{});
  CHECK(std::filesystem::exists(folder / ":memory:"));
  CHECK(std::filesystem::exists(folder / "file:x?mode=memory"));
  std::filesystem::current_path(before);
}
