#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

void write_file(const std::string& path, std::string_view text, mode_t mode = 0600) {
  std::ofstream(path) << text;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

TEST_CASE("a key file is made once, 0600, in folders of its own, and read back") {
  const TempDir folder;
  const auto path = folder / "config/tokenvault/vault.key";
  REQUIRE(make_key_file(path));
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  CHECK(facts.st_size == 32);
  CHECK(key_from_file(path));
  CHECK(code_of(make_key_file(path)) == Errc::already_exists);
}

TEST_CASE("a key file that is there already is not overwritten, and no key is left beside it") {
  const TempDir folder;
  const auto path = folder / "vault.key";
  REQUIRE(make_key_file(path));
  CHECK(code_of(make_key_file(path)) == Errc::already_exists);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a key file of another length is a wrong key, an absent one is no key") {
  const TempDir folder;
  for (const std::size_t size : {0U, 31U, 33U, 4096U}) {
    write_file(folder / "key", std::string(size, 'k'));
    CHECK(code_of(key_from_file(folder / "key")) == Errc::wrong_key);
  }
  CHECK(code_of(key_from_file(folder / "absent")) == Errc::no_key);
}

TEST_CASE("a key file that is not guarded is refused") {
  const TempDir folder;
  const std::string key(32, 'k');
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0602U, 0666U}) {
    write_file(folder / "key", key, mode);
    CHECK(code_of(key_from_file(folder / "key")) == Errc::refused);
  }
  write_file(folder / "key", key, 0400);
  CHECK(key_from_file(folder / "key"));
  std::filesystem::create_symlink(folder / "key", folder / "link");
  CHECK(code_of(key_from_file(folder / "link")) == Errc::refused);
  CHECK(code_of(key_from_file(folder.path())) == Errc::refused);
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(code_of(key_from_file(folder / "fifo")) == Errc::refused);
}

TEST_CASE("another user's key file is refused") {
  if (::geteuid() != 0) return;  // only root can make one, and then nobody must own it
  const TempDir folder;
  write_file(folder / "key", std::string(32, 'k'));
  REQUIRE(::chown((folder / "key").c_str(), 65534, 65534) == 0);
  CHECK(code_of(key_from_file(folder / "key")) == Errc::refused);
}

TEST_CASE("a secret file's bytes come as they are, and no more than asked for") {
  const TempDir folder;
  write_file(folder / "words", "two words\n");
  CHECK(text_of(read_secret_file(folder / "words", 10)) == "two words\n");
  CHECK(code_of(read_secret_file(folder / "words", 9)) == Errc::refused);
}

TEST_CASE("key sources check what they are given") {
  CHECK(code_of(KeySource::raw_key(secret(std::string(31, 'k')))) == Errc::wrong_key);
  CHECK(code_of(KeySource::identity(secret("short"))) == Errc::wrong_key);
  CHECK(code_of(KeySource::passphrase(SecretBuffer())) == Errc::refused);
  CHECK(code_of(KeySource::passphrase(secret(std::string(1025, 'p')))) == Errc::refused);
  for (const KdfCost cost : {KdfCost{2, 65536}, KdfCost{17, 65536}, KdfCost{3, 65535}, KdfCost{3, 1048577}})
    CHECK(code_of(KeySource::passphrase(secret("words"), cost)) == Errc::refused);
}

}  // namespace
}  // namespace tokenvault::test
