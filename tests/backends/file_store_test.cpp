// The contract, and what only a file can do wrong.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backends/file_place.hpp"
#include "core/file.hpp"
#include "file/file_version.hpp"
#include "support/user.hpp"

namespace tokenvault::test {
namespace {

TV_STORE_CONTRACT(FilePlace)

using Names = std::vector<std::string>;

TEST_CASE("opening and reading make nothing, the first commit makes the file and its lock, 0600") {
  FilePlace place;
  CHECK(place.code() == Errc::no_vault);
  {
    const auto store = place.open();
    CHECK(*store->revision() == Revision::absent);
    CHECK(place.names().empty());
  }
  place.fill();
  CHECK(place.names() == Names{"vault.tv", "vault.tv.lock"});
  struct stat seen {};
  REQUIRE(::stat(place.path().c_str(), &seen) == 0);
  CHECK((seen.st_mode & 07777) == 0600);
}

TEST_CASE("what does not parse is tampered, and never empty") {
  FilePlace place;
  place.fill();
  const auto whole = place.read();
  for (const auto& bytes :
       {std::string(), std::string("x"), std::string(4096, '\0'), whole.substr(0, whole.size() - 1),
        whole.substr(0, 60), whole + "x", whole + whole}) {
    place.write(bytes);
    CHECK(place.code() == Errc::tampered);
    CHECK(open_file_store(place.path(), {.create = true}).error().code() == Errc::tampered);
    CHECK(place.read() == bytes);
  }
  auto newer = whole;
  newer[7] = 9;
  place.write(newer);
  CHECK(place.code() == Errc::unsupported);
  place.write(whole);
  CHECK(place.code() == Errc{});
}

TEST_CASE("a file that is damaged under an open store is an error on every path") {
  FilePlace place;
  place.fill();
  const auto store = place.open();
  const auto at = *store->revision();
  place.write("");
  CHECK(store->root().error().code() == Errc::tampered);
  CHECK(store->get(id_of(1)).error().code() == Errc::tampered);
  CHECK(store->list(std::nullopt, 9).error().code() == Errc::tampered);
  CHECK(store->revision().error().code() == Errc::tampered);
  CHECK(store->check().error().code() == Errc::tampered);
  CHECK(commit_to(*store, at, "two").error().code() == Errc::tampered);
  CHECK(commit_to(*store, Revision::absent, "two").error().code() == Errc::tampered);
  CHECK(place.read().empty());
}

TEST_CASE("a vault over its limit is refused, and a commit that would pass it changes nothing") {
  FilePlace place;
  auto opened = open_file_store(place.path(), {.max_size = 4096, .create = true});
  REQUIRE(opened);
  auto& store = **opened;
  const auto at = commit_to(store, Revision::absent, "one", {blob_of(1, std::string(3000, 'x'))});
  REQUIRE(at);
  const auto before = place.read();
  CHECK(commit_to(store, *at, "two", {blob_of(2, std::string(3000, 'y'))}).error().code() == Errc::refused);
  CHECK(place.read() == before);
  CHECK(*store.revision() == *at);
  CHECK(commit_to(store, *at, "two", {blob_of(2, std::string(3000, 'y'))}, {id_of(1)}));
  CHECK(open_file_store(place.path(), {.max_size = 3000}).error().code() == Errc::refused);
  place.write(std::string(kDefaultFileLimit + 1, 'x'));
  CHECK(place.code() == Errc::refused);
}

TEST_CASE("something that is no root is not committed") {
  FilePlace place;
  const auto store = place.open();
  for (const auto& root : {bytes_of("one"), bytes_of(std::string(200, 'x')), [] {
                             auto longer = root_of("one");
                             longer.push_back(std::byte{0});
                             return longer;
                           }()})
    CHECK(store->commit({Revision::absent, root, {}, {}}).error().code() == Errc::invalid_argument);
  CHECK(place.names().empty());
}

TEST_CASE("places that are no file of ours") {
  FilePlace place;
  SUBCASE("a symbolic link") {
    std::ofstream(place.folder() / "target") << "x";
    fs::create_symlink(place.folder() / "target", place.path());
  }
  SUBCASE("a dangling link") { fs::create_symlink(place.folder() / "target", place.path()); }
  SUBCASE("a folder") { fs::create_directory(place.path()); }
  SUBCASE("a FIFO") { REQUIRE(::mkfifo(place.path().c_str(), 0600) == 0); }
  SUBCASE("a second name") {
    place.fill();
    fs::create_hard_link(place.path(), place.folder() / "other");
  }
  SUBCASE("writable by others") {
    place.fill();
    fs::permissions(place.path(), fs::perms::others_write, fs::perm_options::add);
  }
  CHECK(place.code() == Errc::refused);
  CHECK(open_file_store(place.path(), {.create = true}).error().code() == Errc::refused);
}

TEST_CASE("a lock file that is no file of ours keeps commits away") {
  FilePlace place;
  place.fill();
  fs::remove(place.path() + ".lock");
  fs::create_symlink(place.path(), place.path() + ".lock");
  const auto store = place.open();
  const auto before = place.read();
  CHECK(commit_to(*store, *store->revision(), "two").error().code() == Errc::refused);
  CHECK(place.read() == before);
}

TEST_CASE("names that cannot be a vault's, and folders that are not there") {
  const TempDir folder;
  for (const auto& path : {std::string(), folder.path() + "/", folder / "..", folder / "two\nlines",
                           folder / std::string(250, 'x'), "/" + std::string(600, 'x')})
    CHECK(open_file_store(path, {.create = true}).error().code() == Errc::invalid_argument);
  CHECK(open_file_store(folder / "none/vault.tv").error().code() == Errc::no_vault);
}

TEST_CASE("what cannot be written is said, and what is there stays") {
  FilePlace place;
  place.fill();
  const auto before = place.read();
  fs::permissions(place.folder().path(), fs::perms::all);
  REQUIRE(::chown(place.path().c_str(), 65534, 65534) == (::geteuid() == 0 ? 0 : -1));
  fs::permissions(place.folder().path(),
                  fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
  const AsNobody nobody;
  auto store = open_file_store(place.path());
  if (!store) return;  // not root: the file is ours and the folder too
  const auto at = (*store)->revision();
  REQUIRE(at);
  CHECK(commit_to(**store, *at, "two").error().code() == Errc::permission_denied);
  CHECK(place.read() == before);
}

TEST_CASE("a killed writer's drafts are taken away by the next commit, and nothing else is") {
  FilePlace place;
  place.fill();
  for (const char* name : {"vault.tv.new-abcdef", "vault.tv.new-ABC123"})
    std::ofstream(place.folder() / name) << "x";
  for (const char* name :
       {"vault.tv.new-abcdefg", "vault.tv.new", "xvault.tv.new-abcdef", "vault.tv.old-abcdef"})
    std::ofstream(place.folder() / name) << "x";
  const auto store = place.open();
  REQUIRE(commit_to(*store, *store->revision(), "two"));
  CHECK(place.names() == Names{"vault.tv", "vault.tv.lock", "vault.tv.new", "vault.tv.new-abcdefg",
                               "vault.tv.old-abcdef", "xvault.tv.new-abcdef"});
}

TEST_CASE("a lock that is held makes a commit wait, and then say so") {
  FilePlace place;
  place.fill();
  auto opened = open_file_store(place.path(), {.lock_timeout = std::chrono::milliseconds(20)});
  REQUIRE(opened);
  const auto at = *(*opened)->revision();
  const int lock = ::open((place.path() + ".lock").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(lock >= 0);
  struct flock whole {};
  whole.l_type = F_WRLCK;
  REQUIRE(::fcntl(lock, F_OFD_SETLK, &whole) == 0);
  CHECK(commit_to(**opened, at, "two").error().code() == Errc::unavailable);
  CHECK((*opened)->get(id_of(1)));
  ::close(lock);
  CHECK(commit_to(**opened, at, "two"));
}

TEST_CASE(
    "a damaged file is an error within a read scope too, and a vault made meanwhile is not seen there") {
  FilePlace place;
  const auto store = place.open();
  {
    const ReadScope scope(*store);
    CHECK(store->root().error().code() == Errc::no_vault);
    place.fill();
    CHECK(store->root().error().code() == Errc::no_vault);
    CHECK(*store->revision() == Revision::absent);
  }
  CHECK(text_of_root(store->root()->bytes) == "one");
  place.write("damaged");
  const ReadScope scope(*store);
  CHECK(store->root().error().code() == Errc::tampered);
  CHECK(store->get(id_of(1)).error().code() == Errc::tampered);
  CHECK(store->revision().error().code() == Errc::tampered);
}

TEST_CASE("a check within a read scope looks at the place and changes no answer") {
  FilePlace place;
  place.fill();
  const auto store = place.open();
  const auto at = *store->revision();
  const ReadScope scope(*store);
  REQUIRE(commit_to(*place.open(), at, "two", {}, {id_of(1)}));
  CHECK(store->check());
  CHECK(text_of_root(store->root()->bytes) == "one");
  CHECK(store->get(id_of(1)));
  place.write("damaged");
  CHECK(store->check().error().code() == Errc::tampered);
}

TEST_CASE("the folders above a new vault are made, 0700, and only for one that may be made") {
  const TempDir folder;
  const auto path = folder / "a/b/vault.tv";
  CHECK(open_file_store(path).error().code() == Errc::no_vault);
  CHECK_FALSE(fs::exists(folder / "a"));
  const auto store = open_file_store(path, {.create = true});
  REQUIRE(store);
  CHECK(fs::status(folder / "a/b").permissions() == fs::perms::owner_all);
  CHECK(commit_to(**store, Revision::absent, "one"));
}

TEST_CASE("a file that was copied back is seen, under the revision that it had") {
  FilePlace place;
  place.fill();
  const auto store = place.open();
  const auto first = *store->revision();
  fs::copy_file(place.path(), place.folder() / "copy");
  const auto second = commit_to(*store, first, "two", {blob_of(2, "b")});
  REQUIRE(second);
  fs::rename(place.folder() / "copy", place.path());
  const auto again = *store->revision();
  CHECK(again != *second);
  CHECK(text_of_root(store->root()->bytes) == "one");
  CHECK(store->get(id_of(2)).error().code() == Errc::not_found);
  CHECK(commit_to(*store, *second, "three").error().code() == Errc::conflict);
  CHECK(commit_to(*store, again, "three"));
}

TEST_CASE("the same bytes written again into the same inode, within one tick, are another revision") {
  const TempDir folder;
  const File file(::open((folder / "v").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(file);
  const auto root = root_of("one");
  const auto stamped = [&] {
    REQUIRE(stamp(file));
    struct stat seen {};
    REQUIRE(::fstat(file.get(), &seen) == 0);
    return revision_of(FileVersion::of(seen), root);
  };
  const auto first = stamped(), second = stamped(), third = stamped();
  CHECK(first != second);
  CHECK(second != third);
}

TEST_CASE("a vault that went away is no vault, and comes back") {
  FilePlace place;
  place.fill();
  const auto store = place.open();
  const auto at = *store->revision();
  fs::rename(place.path(), place.folder() / "away");
  CHECK(store->root().error().code() == Errc::no_vault);
  CHECK(*store->revision() == Revision::absent);
  CHECK(commit_to(*store, at, "two").error().code() == Errc::conflict);
  CHECK_FALSE(fs::exists(place.path()));
  fs::rename(place.folder() / "away", place.path());
  CHECK(*store->revision() == at);
}

}  // namespace
}  // namespace tokenvault::test
