// Old copies show: against the anchor of an earlier process, and against what this one has seen.
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "core/file.hpp"
#include "core/hex.hpp"
#include "crypto/random.hpp"
#include "support/dump.hpp"
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"
#include "vault/anchor.hpp"

namespace tokenvault::test {
namespace {

struct Anchored : VaultFixture {
  Anchored() { path = folder / "state/tokenvault/anchors"; }
  [[nodiscard]] VaultOptions options() const {
    auto chosen = VaultFixture::options();
    chosen.anchors = path;
    return chosen;
  }
  TempDir folder;
  std::string path;
};

TEST_CASE("a restored older copy is stale to whoever kept an anchor") {
  Anchored at;
  auto vault = Vault::create(at.view(), raw_key(), at.options());
  REQUIRE(vault);
  put(*vault, "a", "one");
  const auto old = Dump::of(*at.store);
  CHECK(Vault::open(old.store(), raw_key(), at.options()));
  put(*vault, "a", "two");
  CHECK(code_of(Vault::open(old.store(), raw_key(), at.options())) == Errc::stale);
  CHECK(
      Vault::open(old.store(), raw_key(), at.VaultFixture::options()));  // without an anchor nobody can know
  CHECK(Vault::open(at.view(), raw_key(), at.options()));
}

TEST_CASE("an older copy is stale before anything behind its header is looked at") {
  Anchored at;
  auto vault = Vault::create(at.view(), raw_key(), at.options());
  REQUIRE(vault);
  auto old = Dump::of(*at.store);
  old.root.back() ^= std::byte{1};  // the top node does not open
  CHECK(code_of(Vault::open(old.store(), raw_key(), at.VaultFixture::options())) == Errc::tampered);
  put(*vault, "a", "one");
  CHECK(code_of(Vault::open(old.store(), raw_key(), at.options())) == Errc::stale);
}

TEST_CASE("a fork of the same generation is stale") {
  Anchored at;
  auto vault = Vault::create(at.view(), raw_key(), at.options());
  REQUIRE(vault);
  const std::shared_ptr<Store> fork = Dump::of(*at.store).store();
  put(*vault, "a", "one");
  auto other = Vault::open(std::make_unique<SharedStore>(fork), raw_key(), at.VaultFixture::options());
  REQUIRE(other);
  put(*other, "a", "another one");
  CHECK(other->info()->generation == vault->info()->generation);
  CHECK(code_of(Vault::open(std::make_unique<SharedStore>(fork), raw_key(), at.options())) == Errc::stale);
}

TEST_CASE("an open vault notices that its store went back, without any anchor") {
  VaultFixture at;
  auto vault = at.create();
  put(vault, "a", "one");
  const auto old = Dump::of(*at.store);
  put(vault, "a", "two");
  const auto now = at.store->revision();
  REQUIRE(now);
  REQUIRE(at.store->commit({*now, old.root, {}, {}}));
  CHECK(code_of(vault.get("a")) == Errc::stale);
  CHECK(code_of(vault.put("a", secret("three"))) == Errc::stale);
}

TEST_CASE("another vault in this one's place is stale to whoever has it open") {
  VaultFixture at, other;
  auto vault = at.create();
  put(vault, "a", "one");
  auto foreign = other.create();
  put(foreign, "a", "two");
  const auto theirs = Dump::of(*other.store);
  std::vector<Blob> blobs;
  for (const auto& [id, bytes] : theirs.blobs) blobs.push_back({id, bytes});
  REQUIRE(at.store->commit({*at.store->revision(), theirs.root, blobs, {}}));
  CHECK(code_of(vault.get("a")) == Errc::stale);
}

TEST_CASE("the anchors file is private, serves many vaults, and goes only forward") {
  Anchored at;
  auto vault = Vault::create(at.view(), raw_key(), at.options());
  VaultFixture second;
  auto options = second.options();
  options.anchors = at.path;
  auto other = Vault::create(second.view(), raw_key(), options);
  REQUIRE(vault);
  REQUIRE(other);
  for (int i = 0; i < 3; ++i) put(*vault, "a", "v");
  put(*other, "a", "v");
  struct stat facts {};
  REQUIRE(::stat(at.path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  REQUIRE(::stat((at.folder / "state/tokenvault").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0700);
  std::ifstream file(at.path);
  std::string line;
  int lines = 0;
  while (std::getline(file, line)) ++lines;
  CHECK(lines == 2);
}

TEST_CASE("a damaged anchors file is an error on every path, never an empty one") {
  for (const char* text : {"x", "00 1 00\n", "\n", "00112233445566778899aabbccddeeff 1\n",
                           "00112233445566778899aabbccddeeff 18446744073709551616 "
                           "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
                           "00112233445566778899aabbccddeeff  "
                           "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n",
                           "00112233445566778899aabbccddeeff 1 "
                           "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 4294967296\n",
                           "00112233445566778899aabbccddeeff -1 "
                           "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"}) {
    Anchored at;
    auto vault = at.create();
    std::filesystem::create_directories(std::filesystem::path(at.path).parent_path());
    std::ofstream(at.path) << text;
    CHECK(code_of(Vault::open(at.view(), raw_key(), at.options())) == Errc::tampered);
  }
}

TEST_CASE("a file full of anchors takes no new one, says so, and goes on keeping those it has") {
  Anchored at;
  auto vault = Vault::create(at.view(), raw_key(), at.options());
  REQUIRE(vault);
  std::string others;
  for (int i = 0; i < 7'999; ++i)
    others += to_hex(crypto::random_array<16>()) + " 18446744073709551615 " + std::string(64, 'a') + "\n";
  std::ofstream(at.path, std::ios::app) << others;
  put(*vault, "a", "one");
  CHECK(vault->info()->anchor_fault.empty());
  VaultFixture second;
  auto options = second.options();
  options.anchors = at.path;
  auto other = Vault::create(second.view(), raw_key(), options);
  REQUIRE(other);
  CHECK_FALSE(other->info()->anchor_fault.empty());
  put(*vault, "a", "two");
  CHECK(vault->info()->anchor_fault.empty());
  CHECK(Vault::open(at.view(), raw_key(), at.options()));
}

TEST_CASE("an anchors file that somebody holds the lock of is waited for, and not written meanwhile") {
  Anchored at;
  auto vault = Vault::create(at.view(), raw_key(), at.options());
  REQUIRE(vault);
  const auto before = AnchorFile(at.path).sample();
  const File held(::open((at.path + ".lock").c_str(), O_RDWR | O_CLOEXEC));
  struct flock whole {};
  whole.l_type = F_WRLCK;
  REQUIRE(::fcntl(held.get(), F_OFD_SETLK, &whole) == 0);
  CHECK(code_of(AnchorFile(at.path).merge(format::VaultId{}, {1, {}, 1}, at.clock)) == Errc::unavailable);
  CHECK(AnchorFile(at.path).sample()->size() == before->size());
}

TEST_CASE("a link in the place of the anchors file is not followed") {
  Anchored at;
  auto vault = Vault::create(at.view(), raw_key(), at.options());
  REQUIRE(vault);
  const auto aside = at.folder / "aside";
  std::filesystem::rename(at.path, aside);
  std::filesystem::create_symlink(aside, at.path);
  CHECK(code_of(AnchorFile(at.path).sample()) == Errc::io);
}

TEST_CASE("an anchors file larger than any we write is damaged, and not read to its end") {
  Anchored at;
  std::filesystem::create_directories(std::filesystem::path(at.path).parent_path());
  std::ofstream file(at.path);
  for (int i = 0; i < 10'000; ++i)
    file << to_hex(crypto::random_array<16>()) << " 18446744073709551615 " << std::string(64, 'a') << "\n";
  file.close();
  CHECK(code_of(AnchorFile(at.path).sample()) == Errc::tampered);
}

TEST_CASE("an anchor that cannot be kept does not undo the change, and is reported") {
  Anchored at;
  auto vault = Vault::create(at.view(), raw_key(), at.options());
  REQUIRE(vault);
  CHECK(vault->info()->anchor_fault.empty());
  std::filesystem::remove(at.path);
  std::filesystem::create_directories(at.path);  // a folder where the file should be
  put(*vault, "a", "one");
  CHECK_FALSE(vault->info()->anchor_fault.empty());
  std::filesystem::remove(at.path);
  put(*vault, "a", "two");
  CHECK(vault->info()->anchor_fault.empty());
  CHECK(text_of(at.open().get("a")) == "two");
}

/// As an engine with read transactions: within a scope, the root of its first read. `meanwhile` is what
/// others do just after that.
class ViewStore final : public Store {
 public:
  ViewStore(std::unique_ptr<Store> inner, std::function<void()>& meanwhile)
      : inner_(std::move(inner)), meanwhile_(meanwhile) {}
  [[nodiscard]] Capabilities capabilities() const noexcept override { return inner_->capabilities(); }
  Result<Root> root() override { return in_scope_ ? view() : inner_->root(); }
  Result<Bytes> get(const BlobId& id) override { return inner_->get(id); }
  Result<Revision> commit(const Commit& commit) override { return inner_->commit(commit); }
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    return inner_->list(after, limit);
  }
  Result<Revision> revision() override {
    if (in_scope_) REQUIRE(view());
    return in_scope_ ? view_->revision : inner_->revision();
  }

 protected:
  void enter_read() noexcept override { in_scope_ = true; }
  void leave_read() noexcept override {
    in_scope_ = false;
    view_.reset();
  }

 private:
  Result<Root> view() {
    if (view_) return *view_;
    auto root = inner_->root();
    REQUIRE(root);
    view_ = *std::move(root);
    if (const auto act = meanwhile_) act();
    return *view_;
  }
  std::unique_ptr<Store> inner_;
  std::function<void()>& meanwhile_;
  std::optional<Root> view_;
  bool in_scope_ = false;
};

TEST_CASE("a commit of another process while this one reads is no step back") {
  Anchored at;
  auto theirs = Vault::create(at.view(), raw_key(), at.options());
  REQUIRE(theirs);
  put(*theirs, "a", "one");
  std::function<void()> meanwhile;
  auto mine = Vault::open(std::make_unique<ViewStore>(at.view(), meanwhile), raw_key(), at.options());
  REQUIRE(mine);
  put(*theirs, "a", "two");
  meanwhile = [&] {
    meanwhile = nullptr;
    put(*theirs, "b", "again");
  };
  SUBCASE("get") { CHECK(text_of(mine->get("a")) == "two"); }
  SUBCASE("list") { CHECK(mine->list().has_value()); }
  SUBCASE("verify") { CHECK(mine->verify()->faults.empty()); }
  SUBCASE("info") { CHECK(mine->info().has_value()); }
}

}  // namespace
}  // namespace tokenvault::test
