#include <fcntl.h>
#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "backends/sqlite_place.hpp"
#include "support/blobs.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
namespace fs = std::filesystem;

namespace {

Errc code_of(const std::string& path, bool create = false) {
  auto store = open_sqlite_store(path, {.create = create});
  if (store) return Errc{};
  CHECK(store.error().message().find('\n') == std::string::npos);
  return store.error().code();
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

void run_sql(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  CHECK(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  CHECK(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

/// A closed database of some pages.
std::string small_database(const SqlitePlace& place) {
  auto store = *open_sqlite_store(place.path(), {.create = true});
  std::vector<Blob> blobs;
  for (std::uint32_t i = 0; i < 20; ++i) blobs.push_back(blob_of(i, std::string(600, 'b')));
  REQUIRE(commit_to(*store, Revision::absent, std::string(5000, 'r'), blobs).has_value());
  store.reset();
  return read_file(place.path());
}

/// Every answer is bytes or an error that says what a caller can do; no crash is the point.
void read_all(const std::string& path) {
  auto store = open_sqlite_store(path);
  if (!store) {
    const Errc code = store.error().code();
    CHECK((code == Errc::tampered || code == Errc::unsupported || code == Errc::io ||
           code == Errc::permission_denied));
    return;
  }
  auto root = (*store)->root();
  if (!root) CHECK((root.error().code() == Errc::tampered || root.error().code() == Errc::no_vault));
  const auto ids = (*store)->list(std::nullopt, 1000);
  if (!ids) CHECK(ids.error().code() == Errc::tampered);
  for (std::uint32_t i = 0; i < 20; ++i) {
    auto blob = (*store)->get(id_of(i));
    if (!blob) CHECK((blob.error().code() == Errc::tampered || blob.error().code() == Errc::not_found));
    if (blob) CHECK(blob->size() <= kMaxBlobSize);
  }
  const auto sound = (*store)->check();
  if (!sound) CHECK(sound.error().code() == Errc::tampered);
}

}  // namespace

TEST_CASE("an absent vault is no_vault, and nothing is made") {
  const TempDir folder;
  CHECK(code_of(folder / "vault.db") == Errc::no_vault);
  CHECK(code_of(folder / "sub/vault.db") == Errc::no_vault);
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("a new database is 0600 whatever the umask, and so are the files beside it") {
  for (const mode_t mask : {mode_t{0}, mode_t{0777}}) {
    const TempDir folder;
    const std::string path = folder / "sub/vault.db";
    const mode_t before = ::umask(mask == 0 ? 0 : 0077);
    fs::create_directory(folder / "sub");
    ::umask(mask);
    auto store = open_sqlite_store(path, {.create = true});
    ::umask(before);
    REQUIRE(store.has_value());
    REQUIRE(commit_to(**store, Revision::absent, "one").has_value());
    for (const char* suffix : {"", "-wal", "-shm"})
      CHECK(fs::status(path + suffix).permissions() == fs::perms(0600));
    CHECK(files_in(folder / "sub") == 3);
  }
}

TEST_CASE("files that are no vault are tampered and are not touched") {
  const SqlitePlace place;
  const auto whole = small_database(place);
  std::string bytes;
  SUBCASE("empty") {}
  SUBCASE("text") { bytes = "hello"; }
  SUBCASE("noise") { bytes.assign(20'000, '\x5a'); }
  SUBCASE("only the magic") { bytes = whole.substr(0, 16); }
  SUBCASE("only the header") { bytes = whole.substr(0, 100); }
  SUBCASE("half a page") { bytes = whole.substr(0, 2048); }
  SUBCASE("a page missing") { bytes = whole.substr(0, whole.size() - 4096); }
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(place.path() + suffix);
  write_file(place.path(), bytes);
  CHECK(code_of(place.path()) == Errc::tampered);
  CHECK(code_of(place.path(), true) == Errc::tampered);
  CHECK(read_file(place.path()) == bytes);
}

TEST_CASE("another program's database is tampered, a later version unsupported; neither is touched") {
  const SqlitePlace place;
  small_database(place);
  Errc expected{};
  SUBCASE("another application") {
    run_sql(place.path(), "PRAGMA application_id = 1");
    expected = Errc::tampered;
  }
  SUBCASE("no application") {
    run_sql(place.path(), "PRAGMA application_id = 0");
    expected = Errc::tampered;
  }
  SUBCASE("a later version") {
    run_sql(place.path(), "PRAGMA user_version = 2");
    expected = Errc::unsupported;
  }
  SUBCASE("no version") {
    run_sql(place.path(), "PRAGMA user_version = 0");
    expected = Errc::tampered;
  }
  const auto before = read_file(place.path());
  CHECK(code_of(place.path()) == expected);
  CHECK(code_of(place.path(), true) == expected);
  CHECK(read_file(place.path()) == before);
}

TEST_CASE("what others could have put or can change is refused before it is opened") {
  const SqlitePlace place;
  small_database(place);
  for (const std::string suffix : {"", "-wal", "-shm", "-journal"}) {
    CAPTURE(suffix);
    const std::string file = place.path() + suffix;
    const std::string aside = place.folder() + "/aside";
    if (!fs::exists(file)) write_file(file, "");
    fs::rename(file, aside);
    fs::create_symlink(aside, file);
    CHECK(code_of(place.path()) == Errc::refused);
    CHECK(code_of(place.path(), true) == Errc::refused);
    fs::remove(file);
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    CHECK(code_of(place.path()) == Errc::refused);
    fs::remove(file);
    fs::create_directory(file);
    CHECK(code_of(place.path()) == Errc::refused);
    fs::remove(file);
    fs::rename(aside, file);
    for (const mode_t mode : {mode_t{0620}, mode_t{0602}}) {
      REQUIRE(::chmod(file.c_str(), mode) == 0);
      CHECK(code_of(place.path()) == Errc::refused);
    }
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    if (::geteuid() == 0) {
      REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
      CHECK(code_of(place.path()) == Errc::refused);
      REQUIRE(::chown(file.c_str(), 0, 0) == 0);
    }
    if (suffix == "-journal") fs::remove(file);
    CHECK(code_of(place.path()) == Errc{});
  }
}

TEST_CASE("a symbolic link in the folder part is fine") {
  const SqlitePlace place;
  small_database(place);
  const TempDir other;
  fs::create_directory_symlink(place.folder(), other / "link");
  CHECK(code_of(other / "link/vault.db") == Errc{});
}

TEST_CASE("no right to the file or its folder is permission_denied") {
  const SqlitePlace place;
  small_database(place);
  REQUIRE(::chmod(place.path().c_str(), 0000) == 0);
  REQUIRE(::chmod(place.folder().c_str(), 0755) == 0);
  {
    const AsNobody nobody;
    CHECK(code_of(place.path()) == Errc::permission_denied);
  }
  REQUIRE(::chmod(place.path().c_str(), 0644) == 0);
  for (const char* suffix : {"-wal", "-shm"}) fs::remove(place.path() + suffix);
  REQUIRE(::chmod(place.folder().c_str(), 0555) == 0);
  {
    const AsNobody nobody;
    CHECK(code_of(place.path()) == Errc::permission_denied);
    CHECK(code_of(place.folder() + "/new.db", true) == Errc::permission_denied);
  }
  REQUIRE(::chmod(place.folder().c_str(), 0000) == 0);
  {
    const AsNobody nobody;
    CHECK(code_of(place.path()) == Errc::permission_denied);
  }
  REQUIRE(::chmod(place.folder().c_str(), 0700) == 0);
}

TEST_CASE("a changed byte anywhere gives an answer") {
  const SqlitePlace place;
  const auto whole = small_database(place);
  for (std::size_t at = 0; at < whole.size(); at += at < 140 ? 1 : 37) {
    CAPTURE(at);
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (at % 2 == 0 ? 0xff : 0x01));
    for (const char* suffix : {"-wal", "-shm"}) fs::remove(place.path() + suffix);
    write_file(place.path(), bytes);
    read_all(place.path());
  }
}

TEST_CASE("a damage that no read meets is found by a check") {
  const SqlitePlace place;
  auto bytes = small_database(place);
  CHECK((*open_sqlite_store(place.path()))->check().has_value());
  constexpr std::size_t kFreePages = 39;  // the last byte of how many there are, in the header
  bytes[kFreePages] = static_cast<char>(bytes[kFreePages] + 1);
  for (const char* suffix : {"-wal", "-shm"}) fs::remove(place.path() + suffix);
  write_file(place.path(), bytes);
  const auto store = *open_sqlite_store(place.path());
  CHECK(store->root().has_value());
  CHECK(store->get(id_of(7)).has_value());
  const auto sound = store->check();
  REQUIRE(!sound.has_value());
  CHECK(sound.error().code() == Errc::tampered);
}

TEST_CASE("a file cut short anywhere gives an answer") {
  const SqlitePlace place;
  const auto whole = small_database(place);
  for (std::size_t size = 0; size < whole.size(); size += size < 200 ? 7 : 509) {
    CAPTURE(size);
    for (const char* suffix : {"-wal", "-shm"}) fs::remove(place.path() + suffix);
    write_file(place.path(), whole.substr(0, size));
    read_all(place.path());
  }
}
