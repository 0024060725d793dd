// A store behind a network: what a vault asks of it, and what it goes without.
#include <atomic>

#include "support/vault_fixture.hpp"
#include "tokenvault/lease.hpp"
#include "vault/sealed_nodes.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

/// Tells of changes, or holds its tongue; counts every question.
class DistantStore final : public SharedStore {
 public:
  struct Counts {
    int roots = 0, gets = 0, commits = 0, revisions = 0;
    [[nodiscard]] int all() const { return roots + gets + commits + revisions; }
  };

  DistantStore(std::shared_ptr<Store> store, std::shared_ptr<Counts> counts)
      : SharedStore(std::move(store)), counts_(std::move(counts)) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override { return {.shared = true, .wait = true}; }
  Result<Root> root() override { return ++counts_->roots, SharedStore::root(); }
  Result<Bytes> get(const BlobId& id) override { return ++counts_->gets, SharedStore::get(id); }
  Result<Revision> commit(const Commit& commit) override {
    return ++counts_->commits, SharedStore::commit(commit);
  }
  Result<Revision> revision() override { return ++counts_->revisions, SharedStore::revision(); }
  std::optional<Revision> told() override { return *said; }

  std::shared_ptr<std::optional<Revision>> said = std::make_shared<std::optional<Revision>>();

 private:
  std::shared_ptr<Counts> counts_;
};

class Distant {
 public:
  explicit Distant(int tokens) {
    auto near = fixture.create();
    for (int i = 0; i < tokens; ++i) put(near, "acme/" + std::to_string(i), "one");
    auto store = std::make_unique<DistantStore>(fixture.store, counts);
    said = store->said;
    auto opened = Vault::open(std::move(store), raw_key(), fixture.options());
    REQUIRE(opened);
    vault = std::make_unique<Vault>(*std::move(opened));
    *counts = {};
  }
  /// Of another machine.
  [[nodiscard]] Vault other() const { return fixture.open(); }

  VaultFixture fixture;
  std::shared_ptr<DistantStore::Counts> counts = std::make_shared<DistantStore::Counts>();
  std::shared_ptr<std::optional<Revision>> said;
  std::unique_ptr<Vault> vault;
};

}  // namespace

TEST_CASE("a put on a path that was walked before is one request") {
  Distant distant(200);
  put(*distant.vault, "acme/7", "two");
  *distant.counts = {};
  put(*distant.vault, "acme/7", "three");
  CHECK(distant.counts->commits == 1);
  CHECK(distant.counts->all() == 1);
  CHECK(text_of(distant.other().get("acme/7")) == "three");
}

TEST_CASE("what a change finds wrong is looked at again before it is said") {
  Distant distant(1);
  auto other = distant.other();
  put(other, "acme/0", "two");
  CHECK(put(*distant.vault, "acme/0", "three", {.if_version = 2}) == 3);
  put(other, "acme/new", "value");
  CHECK(distant.vault->erase("acme/new").has_value());
  CHECK(code_of(distant.vault->erase("acme/never")) == Errc::not_found);
}

TEST_CASE("a change made on an older state loses no change of another") {
  Distant distant(200);
  auto other = distant.other();
  put(*distant.vault, "acme/7", "two");
  put(other, "acme/7", "three");
  put(other, "acme/8", "two");
  CHECK(put(*distant.vault, "acme/7", "four") == 4);
  CHECK(text_of(distant.vault->get("acme/8")) == "two");
  const auto report = distant.other().verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
}

TEST_CASE("a lease goes by what it was told, and a get asks") {
  Distant distant(1);
  const auto lease = distant.vault->lease("acme/0");
  CHECK(text_of(lease.get()) == "one");
  *distant.said = *distant.fixture.store->revision();
  *distant.counts = {};
  for (int i = 0; i < 10; ++i) CHECK(text_of(lease.get()) == "one");
  CHECK(distant.counts->all() == 0);
  auto other = distant.other();
  put(other, "acme/0", "two");
  CHECK(text_of(lease.get()) == "one");
  CHECK(text_of(distant.vault->get("acme/0")) == "two");
  CHECK(text_of(lease.get()) == "two");
  put(other, "acme/0", "three");
  *distant.said = std::nullopt;
  CHECK(text_of(lease.get()) == "three");
}

TEST_CASE("a token that was rejected is asked for, whatever was told") {
  Distant distant(1);
  const auto lease = distant.vault->lease("acme/0");
  CHECK(text_of(lease.get()) == "one");
  *distant.said = *distant.fixture.store->revision();
  auto other = distant.other();
  put(other, "acme/0", "two");
  const auto verdict = lease.use([](const SecretBuffer& value, std::uint32_t) {
    return text_of(value) == "two" ? Verdict::ok : Verdict::rejected;
  });
  REQUIRE(verdict);
  CHECK(*verdict == Verdict::ok);
}

TEST_CASE("of the nodes that are kept no more than a MiB is, whatever comes") {
  SealedNodes nodes;
  const Bytes node(60 * 1024);
  std::size_t kept = 0;
  for (std::uint8_t i = 1; i <= 40; ++i) {
    nodes.keep({{std::byte{i}}}, node);
    REQUIRE(nodes.find({{std::byte{i}}}) != nullptr);
  }
  for (std::uint8_t i = 1; i <= 40; ++i) kept += nodes.find({{std::byte{i}}}) == nullptr ? 0U : node.size();
  CHECK(kept <= 1024 * 1024);
}

TEST_CASE("verify asks the store for every node") {
  Distant distant(200);
  put(*distant.vault, "acme/7", "two");
  auto ids = *distant.fixture.store->list(std::nullopt, 1000);
  const auto root = *distant.fixture.store->root();
  REQUIRE(distant.fixture.store->commit({root.revision, root.bytes, {}, ids}).has_value());
  const auto report = distant.vault->verify();
  REQUIRE(report);
  CHECK(report->faults.size() > 1);
}
