// A child that opened the database anew, as it is told to, was killed by SIGBUS once its parent had ended and somebody
// else came: SQLite took the parent's locks, which a fork does not copy, for its own.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/proof.hpp"
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

constexpr int kPuts = 100, kVisits = 40;

Result<Vault> vault_at(const std::string& uri) {
  auto store = open_store(uri);
  if (!store) return store.error();
  return Vault::open(*std::move(store), raw_key(), {.timeout = std::chrono::minutes(1)});
}

/// Waits until the parent is gone, then works.
int work_as_orphan(const std::string& uri, int alive) {
  auto vault = vault_at(uri);
  if (!vault) return 1;
  char byte = 0;
  if (::read(alive, &byte, 1) != 0) return 2;
  for (int i = 0; i < kPuts; ++i)
    if (!vault->put("orphan's", secret(std::to_string(i))) ||
        text_of(vault->get("orphan's")) != std::to_string(i))
      return 3;
  const auto report = vault->verify();
  return report && report->faults.empty() ? 0 : 4;
}

/// Makes a vault, leaves it open, forks the orphan, and ends.
void be_parent(const std::string& uri) {
  const auto vault = Vault::create(*open_store(uri, {.create = true}), raw_key());
  int alive[2];
  if (!vault || ::pipe2(alive, 0) != 0) ::_exit(1);
  const pid_t orphan = ::fork();
  if (orphan == 0) {
    ::close(alive[1]);
    ::_exit(work_as_orphan(uri, alive[0]));
  }
  ::_exit(orphan > 0 ? 0 : 1);
}

TEST_CASE("a child that opens the vault anew outlives its parent") {
  const TempDir folder;
  for (const std::string scheme : {"sqlite:", "file:"}) {
    CAPTURE(scheme);
    const auto uri = scheme + (folder / scheme.substr(0, scheme.size() - 1));
    REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    const pid_t parent = ::fork();
    if (parent == 0) be_parent(uri);
    int status = -1;
    REQUIRE(::waitpid(parent, &status, 0) == parent);
    CHECK(status == 0);
    for (int i = 0; i < kVisits; ++i) {
      auto visitor = vault_at(uri);
      REQUIRE_MESSAGE(visitor, (visitor ? "" : visitor.error().message()));
      CHECK(visitor->put("visitor's", secret("v")));
    }
    CHECK(::waitpid(-1, &status, 0) > 0);
    CHECK_MESSAGE(status == 0, "the orphan ended by ", status);
    auto vault = vault_at(uri);
    CHECK(vault->info("orphan's")->version == kPuts);
    CHECK(vault->info("visitor's")->version == kVisits);
    CHECK(vault->verify()->faults.empty());
  }
  tried("visits to a vault that an orphaned child has open", 2 * kVisits);
}

}  // namespace
}  // namespace tokenvault::test
